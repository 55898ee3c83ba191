package filetree

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

const (
	noFollow    = 0
	idNeedsFile = true
)

// fileID returns what Windows tells of an open file only.
func fileID(_ os.FileInfo, f *os.File) FileID {
	var h windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &h); err != nil {
		return FileID{}
	}
	return FileID{
		Dev:  uint64(h.VolumeSerialNumber),
		Ino:  uint64(h.FileIndexHigh)<<32 | uint64(h.FileIndexLow),
		Born: h.CreationTime.Nanoseconds() / 1e3,
	}
}

// network reports whether others can change the folder without an event here.
func (d *folder) network() bool {
	p, err := windows.UTF16PtrFromString(filepath.VolumeName(d.f.Name()) + `\`)
	return err == nil && windows.GetDriveType(p) == windows.DRIVE_REMOTE
}
