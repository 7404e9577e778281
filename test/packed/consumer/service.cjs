const { serve } = require("./serve.mjs");

serve(require("@otel-health/http"));
