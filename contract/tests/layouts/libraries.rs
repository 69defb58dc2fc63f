//! Contracts whose schemas are documents of their own.

use super::Layout;

pub const LAYOUTS: &[Layout] = &[
    Layout {
        name: "a whole document as a library, whose schemas refer back",
        files: &[
            (
                "services/cars.yaml",
                "openapi: 3.2.0
$self: https://example.org/services/cars.yaml
info: {title: Cars, version: '1'}
servers: [{url: https://cars.example.org}]
paths:
  /cars:
    get:
      operationId: listCars
      responses:
        '200':
          description: Cars
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Car'}}}}
        default: {$ref: 'https://example.org/services/lib.yaml#/components/responses/Error'}
    put:
      operationId: putCar
      requestBody: {content: {application/json: {schema: {$ref: 'cars.yaml#/components/schemas/Car'}}}}
      responses: {default: {$ref: 'lib.yaml#/components/responses/Error'}}
components:
  schemas:
    Car:
      type: object
      properties:
        owner: {$ref: 'lib.yaml#/components/schemas/Person'}
        wheels: {type: integer, minimum: 3}
    Person: {$ref: 'lib.yaml#/components/schemas/Person'}
",
            ),
            (
                "services/lib.yaml",
                "openapi: 3.2.0
info: {title: Library, version: '7'}
components:
  schemas:
    Person:
      type: object
      properties:
        name: {type: string}
        cars: {type: array, items: {$ref: 'cars.yaml#/components/schemas/Car'}}
        boss: {$ref: '#/components/schemas/Person'}
    Unused: {type: object}
  responses:
    Error:
      description: It failed
      headers: {X-Id: {$ref: '#/components/headers/Id'}}
      content: {text/plain: {schema: {type: string}}}
  headers:
    Id: {schema: {type: integer}}
",
            ),
        ],
        others: &[include_str!("../fixtures/bundles/library.redocly.yaml")],
        bundle: "openapi: 3.2.0
$self: https://example.org/services/cars.yaml
info: {title: Cars, version: '1'}
servers: [{url: https://cars.example.org}]
paths:
  /cars:
    get:
      operationId: listCars
      responses:
        '200':
          description: Cars
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Car'}}}}
        default: {$ref: '#/components/responses/Error'}
    put:
      operationId: putCar
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Car'}}}}
      responses: {default: {$ref: '#/components/responses/Error'}}
components:
  schemas:
    Car:
      type: object
      properties:
        owner: {$ref: '#/components/schemas/Person'}
        wheels: {type: integer, minimum: 3}
    Person:
      type: object
      properties:
        name: {type: string}
        cars: {type: array, items: {$ref: '#/components/schemas/Car'}}
        boss: {$ref: '#/components/schemas/Person'}
  responses:
    Error:
      description: It failed
      headers: {X-Id: {$ref: '#/components/headers/Id'}}
      content: {text/plain: {schema: {type: string}}}
  headers:
    Id: {schema: {type: integer}}
",
        edits: &[
            ("minimum: 3", "minimum: 4"),
            ("name: {type: string}", "name: {type: string, maxLength: 9}"),
            ("Id: {schema: {type: integer}}", "Id: {schema: {type: string}}"),
            ("text/plain", "text/html"),
        ],
    },
    Layout {
        name: "JSON Schemas with identifiers, anchors and definitions of their own",
        files: &[
            (
                "openapi.yaml",
                "openapi: 3.1.0
info: {title: Events, version: '1'}
servers: [{url: https://events.example.org}]
paths:
  /events:
    post:
      operationId: send
      requestBody: {content: {application/json: {schema: {$ref: schemas/event.json}}}}
      responses: {'204': {description: Sent}}
",
            ),
            (
                "schemas/event.json",
                r##"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://example.org/schemas/event.json",
  "type": "object",
  "properties": {
    "at": {"$ref": "#when"},
    "by": {"$ref": "https://example.org/schemas/user.json"},
    "tags": {"$ref": "user.json#/$defs/tags"},
    "after": {"$ref": "#"}
  },
  "$defs": {"time": {"$anchor": "when", "type": "string", "format": "date-time"}}
}
"##,
            ),
            (
                "schemas/user.json",
                r##"{
  "$id": "https://example.org/schemas/user.json",
  "type": ["object", "null"],
  "properties": {"name": {"$ref": "#when"}, "event": {"$ref": "event.json"}},
  "$defs": {
    "when": {"$anchor": "when", "type": "string", "maxLength": 30},
    "tags": {"type": "array", "items": {"type": "string"}}
  }
}
"##,
            ),
        ],
        others: &[
            include_str!("../fixtures/bundles/json-schema.redocly.yaml"),
            include_str!("../fixtures/bundles/json-schema.swagger-parser.json"),
        ],
        bundle: r##"{
  "openapi": "3.1.0",
  "info": {"title": "Events", "version": "1"},
  "servers": [{"url": "https://events.example.org"}],
  "paths": {"/events": {"post": {
    "operationId": "send",
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/event"}}}},
    "responses": {"204": {"description": "Sent"}}
  }}},
  "components": {"schemas": {
    "event": {
      "type": "object",
      "properties": {
        "at": {"$ref": "#/components/schemas/time"},
        "by": {"$ref": "#/components/schemas/user"},
        "tags": {"$ref": "#/components/schemas/tags"},
        "after": {"$ref": "#/components/schemas/event"}
      }
    },
    "time": {"type": "string", "format": "date-time"},
    "user": {
      "type": ["object", "null"],
      "properties": {"name": {"$ref": "#/components/schemas/when"}, "event": {"$ref": "#/components/schemas/event"}}
    },
    "when": {"type": "string", "maxLength": 30},
    "tags": {"type": "array", "items": {"type": "string"}}
  }}
}
"##,
        edits: &[
            ("\"maxLength\": 30", "\"maxLength\": 20"),
            ("date-time", "date"),
            ("[\"object\", \"null\"]", "\"object\""),
            ("\"items\": {\"type\": \"string\"}", "\"items\": {\"type\": \"integer\"}"),
        ],
    },
];
