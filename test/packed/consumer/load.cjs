const { tell } = require("./story.cjs");

tell((specifier) => require(specifier), process.argv.slice(2));
