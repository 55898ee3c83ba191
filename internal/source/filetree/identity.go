package filetree

import "os"

// Identify returns the identity of an open file or folder.
func Identify(f *os.File) (FileID, error) {
	info, err := identify(f)
	return info.ID, cause(err)
}

// IdentifyRoot returns the identity of what a root's path leads to.
func IdentifyRoot(path string) (FileID, error) {
	info, err := statPath(path)
	return info.ID, cause(err)
}

// MayHold reports whether files of a device can lie in an open folder. Where
// that cannot be told apart, they can.
func MayHold(folder *os.File, device uint64) bool {
	info, err := identify(folder)
	return device == 0 || err == nil && (info.ID.Dev == device || layered(folder))
}
