const { watch } = require("./watch.cjs");

watch((specifier) => require(specifier));
