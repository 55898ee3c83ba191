package filetree

import "github.com/fsnotify/fsnotify"

var overflowForTest = fsnotify.ErrEventOverflow
