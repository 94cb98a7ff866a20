"""The store over one DynamoDB table. Its design, access patterns first, is docs/dynamodb.md."""
