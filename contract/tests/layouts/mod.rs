//! Contracts as teams write them in several files, each with what a bundler makes of it.

mod libraries;

pub struct Layout {
    pub name: &'static str,
    /// The document first.
    pub files: &'static [(&'static str, &'static str)],
    pub bundle: &'static str,
    /// What `@redocly/cli bundle` 2 and `@apidevtools/swagger-parser` 13 make of the files, as far as they read them: with
    /// names that aren't percent-encoded, and without absolute addresses.
    pub others: &'static [&'static str],
    /// Texts that a new version has others for, wherever they stand.
    pub edits: &'static [(&'static str, &'static str)],
}

/// All of them.
pub fn layouts() -> impl Iterator<Item = &'static Layout> {
    LAYOUTS.iter().chain(libraries::LAYOUTS)
}

const LAYOUTS: &[Layout] = &[
    Layout {
        name: "a file for each path and each schema, in YAML and JSON, with references back and cycles",
        files: &[
            (
                "api/openapi.yaml",
                "openapi: 3.1.0
info: {title: Shop, version: '1'}
servers: [{url: https://shop.example.org}]
paths:
  /orders: {$ref: paths/orders.yaml}
  /orders/{id}:
    $ref: 'paths/orders%7Bid%7D.json'
components:
  securitySchemes: {key: {$ref: ../shared/security.yaml#/key}}
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer, maximum: 100}}
security: [{key: []}]
",
            ),
            (
                "api/paths/orders.yaml",
                "parameters: [{$ref: '../openapi.yaml#/components/parameters/Limit'}]
get:
  operationId: listOrders
  responses:
    '200':
      description: Orders
      content: {application/json: {schema: {type: array, items: {$ref: ../schemas/Order.yaml}}}}
    default: {$ref: '../../shared/responses.yaml#/Problem'}
post:
  operationId: placeOrder
  requestBody:
    required: true
    content: {application/json: {schema: {$ref: ../schemas/Order.yaml}}}
  responses:
    '201': {description: Placed}
    default: {$ref: '../../shared/responses.yaml#/Problem'}
",
            ),
            (
                "api/paths/orders{id}.json",
                r#"{
  "get": {
    "operationId": "getOrder",
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"$ref": "../schemas/Id.json"}}],
    "responses": {
      "200": {"description": "An order", "content": {"application/json": {"schema": {"$ref": "../schemas/Order.yaml"}}}},
      "404": {"$ref": "../../shared/responses.yaml#/Problem"}
    }
  }
}
"#,
            ),
            (
                "api/schemas/Order.yaml",
                "type: object
required: [id, payment]
properties:
  id: {$ref: Id.json}
  note: {type: string, maxLength: 40}
  items: {type: array, items: {$ref: './Item.yaml'}}
  payment:
    oneOf: [{$ref: Card.yaml}, {$ref: Invoice.yaml}]
    discriminator: {propertyName: kind, mapping: {card: ./Card.yaml, invoice: Invoice.yaml}}
",
            ),
            (
                "api/schemas/Item.yaml",
                "type: object
properties:
  name: {type: string}
  order: {$ref: Order.yaml}
  parts: {type: array, items: {$ref: '#'}}
",
            ),
            (
                "api/schemas/Id.json",
                "{\"type\": \"string\", \"maxLength\": 20}
",
            ),
            (
                "api/schemas/Card.yaml",
                "type: object
required: [kind]
properties:
  kind: {type: string}
  number: {type: string}
",
            ),
            (
                "api/schemas/Invoice.yaml",
                "type: object
required: [kind]
properties:
  kind: {type: string}
  address: {type: string}
",
            ),
            (
                "shared/responses.yaml",
                "Problem:
  description: What went wrong
  content:
    application/json:
      schema: {type: object, properties: {code: {$ref: '#/Code'}}}
Code: {type: integer}
",
            ),
            ("shared/security.yaml", "key: {type: apiKey, in: header, name: X-Key}\n"),
        ],
        others: &[
            include_str!("../fixtures/bundles/paths.redocly.yaml"),
            include_str!("../fixtures/bundles/paths.swagger-parser.json"),
        ],
        bundle: "openapi: 3.1.0
info: {title: Shop, version: '1'}
servers: [{url: https://shop.example.org}]
paths:
  /orders:
    parameters: [{$ref: '#/components/parameters/Limit'}]
    get:
      operationId: listOrders
      responses:
        '200':
          description: Orders
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}
        default: {$ref: '#/components/responses/Problem'}
    post:
      operationId: placeOrder
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses:
        '201': {description: Placed}
        default: {$ref: '#/components/responses/Problem'}
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}]
      responses:
        '200': {description: An order, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '404': {$ref: '#/components/responses/Problem'}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer, maximum: 100}}
  responses:
    Problem:
      description: What went wrong
      content:
        application/json:
          schema: {type: object, properties: {code: {$ref: '#/components/schemas/Code'}}}
  schemas:
    Code: {type: integer}
    Id: {\"type\": \"string\", \"maxLength\": 20}
    Order:
      type: object
      required: [id, payment]
      properties:
        id: {$ref: '#/components/schemas/Id'}
        note: {type: string, maxLength: 40}
        items: {type: array, items: {$ref: '#/components/schemas/Item'}}
        payment:
          oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Invoice'}]
          discriminator:
            propertyName: kind
            mapping: {card: '#/components/schemas/Card', invoice: '#/components/schemas/Invoice'}
    Item:
      type: object
      properties:
        name: {type: string}
        order: {$ref: '#/components/schemas/Order'}
        parts: {type: array, items: {$ref: '#/components/schemas/Item'}}
    Card:
      type: object
      required: [kind]
      properties:
        kind: {type: string}
        number: {type: string}
    Invoice:
      type: object
      required: [kind]
      properties:
        kind: {type: string}
        address: {type: string}
security: [{key: []}]
",
        edits: &[
            ("maxLength: 40", "maxLength: 10"),
            ("\"maxLength\": 20", "\"maxLength\": 10"),
            ("number: {type: string}", "number: {type: integer}"),
            ("Code: {type: integer}", "Code: {type: string}"),
            ("code: {$ref", "kode: {$ref"),
            ("maximum: 100", "maximum: 50"),
            ("name: {type: string}", "name: {type: boolean}"),
            ("name: X-Key", "name: X-Token"),
            ("propertyName: kind", "propertyName: type"),
            ("required: [id, payment]", "required: [id, payment, note]"),
            ("'201': {description: Placed}", "'202': {description: Accepted}"),
        ],
    },
    Layout {
        name: "one file with all schemas, which refer to one another",
        files: &[
            (
                "openapi.json",
                r#"{
  "openapi": "3.0.3",
  "info": {"title": "Zoo", "version": "1"},
  "servers": [{"url": "https://zoo.example.org"}],
  "paths": {
    "/animals": {
      "get": {
        "operationId": "listAnimals",
        "parameters": [{"$ref": "parameters.yaml#/parameters/Page"}],
        "responses": {
          "200": {
            "description": "Animals",
            "content": {"application/json": {"schema": {"$ref": "./schemas.yaml#/Animals"}}}
          }
        }
      },
      "post": {
        "operationId": "addAnimal",
        "requestBody": {"$ref": "schemas.yaml#/bodies/Animal"},
        "responses": {"204": {"description": "Added"}}
      }
    }
  }
}
"#,
            ),
            (
                "parameters.yaml",
                "parameters:
  Page:
    name: page
    in: query
    schema: {$ref: 'schemas.yaml#/Number'}
",
            ),
            (
                "schemas.yaml",
                "Number: {type: integer, maximum: 500}
Animals: {type: array, maxItems: 50, items: {$ref: '#/Animal'}}
Animal:
  oneOf: [{$ref: '#/Cat'}, {$ref: '#/Dog'}]
  discriminator:
    propertyName: kind
    mapping: {feline: '#/Cat', canine: 'schemas.yaml#/Dog'}
Base:
  type: object
  required: [kind]
  properties:
    kind: {type: string}
    friends: {$ref: '#/Animals'}
Cat:
  allOf:
    - $ref: '#/Base'
    - properties: {lives: {type: integer, nullable: true}}
Dog:
  allOf:
    - $ref: '#/Base'
    - properties: {tricks: {type: array, items: {type: string, enum: [sit, roll]}}}
bodies:
  Animal: {content: {application/json: {schema: {$ref: '#/Animal'}}}}
",
            ),
        ],
        others: &[
            include_str!("../fixtures/bundles/schemas.redocly.yaml"),
            include_str!("../fixtures/bundles/schemas.swagger-parser.json"),
        ],
        bundle: "openapi: 3.0.3
info: {title: Zoo, version: '1'}
servers: [{url: https://zoo.example.org}]
paths:
  /animals:
    get:
      operationId: listAnimals
      parameters: [{$ref: '#/components/parameters/Page'}]
      responses:
        '200':
          description: Animals
          content: {application/json: {schema: {$ref: '#/components/schemas/Animals'}}}
    post:
      operationId: addAnimal
      requestBody: {$ref: '#/components/requestBodies/Animal'}
      responses: {'204': {description: Added}}
components:
  parameters:
    Page:
      name: page
      in: query
      schema: {$ref: '#/components/schemas/Number'}
  requestBodies:
    Animal: {content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
  schemas:
    Number: {type: integer, maximum: 500}
    Animals: {type: array, maxItems: 50, items: {$ref: '#/components/schemas/Animal'}}
    Animal:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator:
        propertyName: kind
        mapping: {feline: '#/components/schemas/Cat', canine: '#/components/schemas/Dog'}
    Base:
      type: object
      required: [kind]
      properties:
        kind: {type: string}
        friends: {$ref: '#/components/schemas/Animals'}
    Cat:
      allOf:
        - $ref: '#/components/schemas/Base'
        - properties: {lives: {type: integer, nullable: true}}
    Dog:
      allOf:
        - $ref: '#/components/schemas/Base'
        - properties: {tricks: {type: array, items: {type: string, enum: [sit, roll]}}}
",
        edits: &[
            ("maximum: 500", "maximum: 100"),
            ("enum: [sit, roll]", "enum: [sit]"),
            ("lives: {type: integer, nullable: true}", "lives: {type: integer}"),
            ("maxItems: 50", "maxItems: 60"),
            ("feline: ", "cat: "),
        ],
    },
    Layout {
        name: "OpenAPI 2.0 with its definitions, parameters and responses elsewhere",
        files: &[
            (
                "v1/swagger.yaml",
                "swagger: '2.0'
info: {title: Books, version: '1'}
host: books.example.org
schemes: [https]
consumes: [application/json]
produces: [application/json]
paths:
  /books: {$ref: 'books.yaml'}
",
            ),
            (
                "v1/books.yaml",
                "get:
  operationId: listBooks
  parameters: [{$ref: '../common/parameters.json#/limit'}]
  responses:
    '200':
      description: Books
      schema: {type: array, items: {$ref: '../common/book.yaml'}}
    '400': {$ref: '../common/responses.yaml#/responses/Bad'}
post:
  operationId: addBook
  parameters: [{$ref: '../common/parameters.json#/book'}]
  responses: {'201': {description: Added}}
",
            ),
            (
                "common/parameters.json",
                r#"{
  "limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 100},
  "book": {"name": "book", "in": "body", "required": true, "schema": {"$ref": "book.yaml"}}
}
"#,
            ),
            (
                "common/book.yaml",
                "type: object
required: [title]
properties:
  title: {type: string, maxLength: 200}
  sequel: {$ref: book.yaml}
  author: {$ref: 'author.yaml#/definitions/Author'}
",
            ),
            (
                "common/author.yaml",
                "definitions:
  Author: {type: object, properties: {name: {$ref: '#/definitions/Name'}}}
  Name: {type: string}
",
            ),
            (
                "common/responses.yaml",
                "responses:
  Bad: {description: Bad, schema: {type: object, properties: {why: {type: string}}}}
",
            ),
        ],
        others: &[
            include_str!("../fixtures/bundles/swagger.redocly.yaml"),
            include_str!("../fixtures/bundles/swagger.swagger-parser.json"),
        ],
        bundle: "swagger: '2.0'
info: {title: Books, version: '1'}
host: books.example.org
schemes: [https]
consumes: [application/json]
produces: [application/json]
paths:
  /books:
    get:
      operationId: listBooks
      parameters: [{$ref: '#/parameters/limit'}]
      responses:
        '200':
          description: Books
          schema: {type: array, items: {$ref: '#/definitions/book'}}
        '400': {$ref: '#/responses/Bad'}
    post:
      operationId: addBook
      parameters: [{$ref: '#/parameters/book'}]
      responses: {'201': {description: Added}}
parameters:
  limit: {\"name\": \"limit\", \"in\": \"query\", \"type\": \"integer\", \"maximum\": 100}
  book: {name: book, in: body, required: true, schema: {$ref: '#/definitions/book'}}
responses:
  Bad: {description: Bad, schema: {type: object, properties: {why: {type: string}}}}
definitions:
  book:
    type: object
    required: [title]
    properties:
      title: {type: string, maxLength: 200}
      sequel: {$ref: '#/definitions/book'}
      author: {$ref: '#/definitions/Author'}
  Author: {type: object, properties: {name: {$ref: '#/definitions/Name'}}}
  Name: {type: string}
",
        edits: &[
            ("maxLength: 200", "maxLength: 100"),
            ("\"maximum\": 100", "\"maximum\": 10"),
            ("Name: {type: string}", "Name: {type: integer}"),
            ("required: [title]", "required: [title, author]"),
            ("why: {type: string}", "why: {type: number}"),
            ("/books:", "/volumes:"),
        ],
    },
];
