mod scenario;
mod schema;
