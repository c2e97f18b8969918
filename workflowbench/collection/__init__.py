"""Collection: where shortcuts come from."""
