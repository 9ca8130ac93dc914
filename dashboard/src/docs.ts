import "swagger-ui-dist/swagger-ui.css";
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";

/** The API's documentation, from the document that this very server makes. */
SwaggerUI({
  dom_id: "#docs",
  url: new URL("../openapi.json", document.baseURI).href,
  deepLinking: true,
  // It would ask a validator on the internet.
  validatorUrl: null,
  // Who asks for a key is told by the answers; `persistAuthorization` would keep it on the disk.
  tryItOutEnabled: false,
});
