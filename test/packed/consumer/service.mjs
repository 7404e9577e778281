import { createHealth, listenHealth, threshold } from "@otel-health/http";
import { serve } from "./serve.mjs";

void serve({ createHealth, listenHealth, threshold });
