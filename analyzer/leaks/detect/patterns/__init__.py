"""In: a text. Out: marks. One module for each family of shapes, none knowing of the others."""
