// Package filelock looks at, copies, removes, masks and brings back files
// under declared watch roots. In go places and fingerprints; out come
// inspections, bytes for a custodian to seal, and files that are gone, masked
// or as they were.
//
// It reaches every file by descriptor, from the root down, without following a
// link or leaving the mount, and compares what it opened with the fingerprint
// that was approved before and after it acts. Until the last step of an action
// the original lies beside its own name under a private one, so that a lost
// race or a crash loses nothing. It never touches programs, libraries,
// databases or Stanch's own files when it takes something away, never
// overwrites a file that is not its own, and never puts a card number into an
// error.
package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/stanch/stanch/card"
	"github.com/stanch/stanch/internal/carrier"
	"github.com/stanch/stanch/internal/containment"
)

// A Lock acts on files. It is safe for concurrent use on different files.
type Lock struct {
	// Roots returns the declared watch roots, as absolute paths. Nothing
	// outside of them is touched.
	Roots func() []string
	// Own are the folders that hold Stanch's own files. Nothing in them is
	// touched.
	Own []string
	// Apart examines containers in a process of its own when a file is masked.
	// Nil means in this one.
	Apart func(ctx context.Context, in carrier.Input, budget carrier.Budget, emit func(*carrier.Match)) (carrier.Report, error)
}

// shown returns a name as it may be shown: card numbers masked, and bytes that
// are no UTF-8 replaced as JSON replaces them.
func shown(name string) string { return string([]rune(card.MaskText(name))) }

// fault returns why nothing was done.
func fault(at containment.Where, word string) error {
	return &containment.Fault{Word: word, Path: at.Path}
}

// rooted is a place with its root as declared and its path below it, split.
// The parts may be masked.
type rooted struct {
	containment.Where
	root  string
	parts []string
}

// locate finds the declared root of a place.
func (l *Lock) locate(at containment.Where) (rooted, error) {
	for _, root := range l.Roots() {
		root = filepath.Clean(root)
		if root != at.Root && shown(root) != at.Root {
			continue
		}
		path := at.Path
		if filepath.IsAbs(path) {
			rest, ok := strings.CutPrefix(path, strings.TrimSuffix(shown(root), "/")+"/")
			if !ok {
				rest, ok = strings.CutPrefix(path, strings.TrimSuffix(root, "/")+"/")
			}
			if !ok {
				return rooted{}, fault(at, containment.FaultOutside)
			}
			path = rest
		}
		if path = filepath.Clean(path); !filepath.IsLocal(path) || path == "." {
			return rooted{}, fault(at, containment.FaultOutside)
		}
		if l.ownRoot(root) {
			return rooted{}, fault(at, containment.FaultOwn)
		}
		return rooted{at, root, strings.Split(path, string(filepath.Separator))}, nil
	}
	return rooted{}, fault(at, containment.FaultOutside)
}

// ownRoot reports whether a root lies inside one of our own folders.
func (l *Lock) ownRoot(root string) bool {
	whole, err := filepath.EvalSymlinks(root)
	if err != nil {
		return false
	}
	for _, own := range l.Own {
		if real, err := filepath.EvalSymlinks(own); err == nil {
			own = real
		}
		if whole == own || strings.HasPrefix(whole, strings.TrimSuffix(own, "/")+"/") {
			return true
		}
	}
	return false
}

// ownFiles returns what Stanch's own folders and program are, links followed.
func (l *Lock) ownFiles() []os.FileInfo {
	paths := l.Own
	if self, err := os.Executable(); err == nil {
		paths = append(paths[:len(paths):len(paths)], self)
	}
	var own []os.FileInfo
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			own = append(own, info)
		}
	}
	return own
}

// errPrivate says that a name is too long to be given a private form.
var errPrivate = errors.New("name is too long")
