package server

// isReadOnly is false: Windows reports a read-only volume as a permission.
func isReadOnly(error) bool { return false }
