package server

import (
	"fmt"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/source/filetree"
	"github.com/stanch/stanch/internal/store"
)

// identity returns a file's identity as findings and marks write it.
func identity(id filetree.FileID) string { return fmt.Sprintf("%x-%x-%x", id.Dev, id.Ino, id.Born) }

func parseIdentity(text string) (id filetree.FileID, ok bool) {
	_, err := fmt.Sscanf(text, "%x-%x-%x", &id.Dev, &id.Ino, &id.Born)
	return id, err == nil
}

// keptPath returns the path under which a mark is stored. One that holds a
// card number is masked and told apart by the file's identity, by which the
// watcher finds the file again at the next start. No path has a zero byte.
func keptPath(path string, id filetree.FileID) string {
	if strings.Contains(path, "\x00") || !card.HoldsPAN(path) {
		return path
	}
	return card.MaskText(path) + "\x00" + identity(id)
}

// keep returns a mark as it is stored.
func (w *Watch) keep(m filetree.Mark) store.Mark {
	return store.Mark{
		Root: m.Root, Path: keptPath(m.Path, m.ID), File: identity(m.ID), Origin: w.origin(fileKey{m.Root, m.ID}),
		Size: m.Size, Offset: m.Offset, Line: m.Line, ModTime: m.ModTime, Head: w.hide(m.Head), HeadLen: m.HeadLen, Tail: w.hide(m.Tail),
		Generation: m.Generation, Whole: m.Whole,
	}
}

// openMark returns a stored mark as the watcher knows it. It reports false for
// one that cannot be read.
func (w *Watch) openMark(k store.Mark) (filetree.Mark, bool) {
	id, ok := parseIdentity(k.File)
	m := filetree.Mark{
		Root: k.Root, Path: k.Path, ID: id, Size: k.Size, Offset: k.Offset, Line: k.Line, ModTime: k.ModTime,
		HeadLen: k.HeadLen, Generation: k.Generation, Whole: k.Whole,
	}
	if !ok || len(k.Head) != len(m.Head) || len(k.Tail) != len(m.Tail) {
		return m, false
	}
	w.prints.Decrypt(m.Head[:], k.Head)
	w.prints.Decrypt(m.Tail[:], k.Tail)
	return m, true
}

func (w *Watch) hide(p filetree.Print) []byte {
	out := make([]byte, len(p))
	w.prints.Encrypt(out, p[:])
	return out
}

// origin returns the identity by which findings know a file.
func (w *Watch) origin(key fileKey) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if origin, ok := w.origins[key]; ok {
		return origin
	}
	return identity(key.id)
}

// placeKey names a file as findings do.
func (w *Watch) placeKey(key fileKey) string { return shownPath(key.root) + "\x00" + w.origin(key) }

// learnName remembers a real path that the stored mark cannot say.
func (w *Watch) learnName(key fileKey, path string) {
	name := w.placeKey(key)
	w.mu.Lock()
	defer w.mu.Unlock()
	if keptPath(path, key.id) != path {
		w.named[name] = path
	} else {
		delete(w.named, name)
	}
}
