"""One reporter for each operator table or family of tables."""
