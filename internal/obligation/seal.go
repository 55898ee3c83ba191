package obligation

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/stanch/stanch/internal/datafile"
)

// SealName is the file that signs a folder of packs: a note, as C2SP writes them,
// over the name and SHA-256 of every pack file in the folder.
const SealName = "packs.note"

const sealTitle = "stanch obligation packs v1\n"

// Errors of a seal.
var (
	ErrUnsealed = errors.New("folder of packs is not signed")
	ErrSeal     = errors.New("signature does not fit the folder of packs")
)

// Seal signs a folder of packs and returns the text of its note.
func Seal(folder fs.FS, signer note.Signer) ([]byte, error) {
	text, err := sealText(folder)
	if err != nil {
		return nil, fmt.Errorf("sign packs: %w", err)
	}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("sign packs: %w", err)
	}
	return signed, nil
}

// CheckSeal holds a folder of packs to its note. A file that was changed, added or
// taken away breaks it. The error is [ErrUnsealed] or [ErrSeal], unless the folder
// cannot be read.
func CheckSeal(folder fs.FS, key note.Verifier) error {
	f, err := folder.Open(SealName)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrUnsealed
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", SealName, err)
	}
	defer f.Close()
	signed, err := io.ReadAll(io.LimitReader(f, datafile.MaxSize))
	if err != nil {
		return fmt.Errorf("read %s: %w", SealName, err)
	}
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return ErrSeal
	}
	text, err := sealText(folder)
	if err != nil {
		return err
	}
	if opened.Text != text {
		return ErrSeal
	}
	return nil
}

func sealText(folder fs.FS) (string, error) {
	names, err := listed(folder)
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(sealTitle)
	for _, name := range names {
		src, err := datafile.Open(folder, name)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(src.Data)
		fmt.Fprintf(&b, "%s  %s\n", hex.EncodeToString(sum[:]), name)
	}
	return b.String(), nil
}
