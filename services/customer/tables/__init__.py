"""Tables out of files: rows of texts from CSV and XLSX, read as a stream within bounds."""
