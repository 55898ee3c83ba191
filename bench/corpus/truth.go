package corpus

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// A Plant is one thing that was put into a file. Its values are synthetic.
type Plant struct {
	Class   string `json:"class"`
	File    string `json:"file"` // with slashes, below the folder of files
	Kind    string `json:"kind"` // as stanch names classes; "none" for a look-alike
	Value   string `json:"value,omitempty"`
	Partner string `json:"partner,omitempty"` // the card number that it stands beside
	Line    int    `json:"line,omitempty"`    // from 1; 0 where the file has no lines
}

// A Truth is what a corpus holds.
type Truth struct {
	Family  Family            `json:"family"`
	Seed    uint64            `json:"seed"`
	Plants  []Plant           `json:"plants"`
	Missing map[string]string `json:"missing,omitempty"` // by class, why its files could not be made
}

// Names of what Write makes in its folder.
const (
	FilesFolder = "files"
	truthFile   = "truth.json"
)

// Write makes a corpus in dir: the files below [FilesFolder], and the truth
// beside. Dir may be missing or empty. Only names the classes to make; nil
// makes all.
func Write(dir string, family Family, seed uint64, only []string) (*Truth, error) {
	if styles[family] == nil {
		return nil, fmt.Errorf("write corpus: no family is named %q", family)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("write corpus: %s is not empty", dir)
	}
	truth := &Truth{Family: family, Seed: seed, Missing: map[string]string{}}
	var looks []Class
	for _, c := range Classes() {
		if len(only) > 0 && !slices.Contains(only, c.Name) {
			continue
		}
		if err := truth.add(dir, c); err != nil {
			return nil, fmt.Errorf("write corpus: %s: %w", c.Name, err)
		}
		if c.look != nil {
			looks = append(looks, c)
		}
	}
	if len(looks) > 0 {
		for i, f := range mixed(looks, family, seed) {
			if err := truth.put(dir, mixedFolder, i, f); err != nil {
				return nil, fmt.Errorf("write corpus: %w", err)
			}
		}
	}
	if len(truth.Plants) == 0 {
		return nil, errors.New("write corpus: no class has that name")
	}
	return truth, truth.save(filepath.Join(dir, truthFile))
}

// add makes the files of one class.
func (t *Truth) add(dir string, c Class) error {
	m := newMaker(t.Family, t.Seed, c.Name)
	for i := range c.Files {
		m.index = i
		f := c.make(m, c.Each)
		if f.missing != "" {
			t.Missing[c.Name] = f.missing
		}
		for i := range f.plants {
			f.plants[i].Class = c.Name
		}
		if err := t.put(dir, c.Name, i, f); err != nil {
			return err
		}
	}
	return nil
}

// put writes file i of a folder, unless it could not be made, and notes what
// is planted in it.
func (t *Truth) put(dir, folder string, i int, f file) error {
	stems := styles[t.Family].stems
	name := fmt.Sprintf("%s-%02d%s", stems[i%len(stems)], i+1, f.name)
	at := filepath.Join(dir, FilesFolder, folder)
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	if f.missing == "" {
		if err := os.WriteFile(filepath.Join(at, name), f.data, 0o600); err != nil {
			return err
		}
	}
	for _, p := range f.plants {
		p.File = folder + "/" + name
		t.Plants = append(t.Plants, p)
	}
	return nil
}

func (t *Truth) save(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	if err := json.NewEncoder(w).Encode(t); err != nil {
		return errors.New("write truth: it is no JSON")
	}
	return w.Flush()
}

// Read reads the truth of the corpus in dir.
func Read(dir string) (*Truth, error) {
	file, err := os.Open(filepath.Join(dir, truthFile))
	if err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	defer file.Close()
	var t Truth
	if err := json.NewDecoder(io.LimitReader(file, 1<<28)).Decode(&t); err != nil {
		return nil, errors.New("read truth: not a list that corpus wrote")
	}
	return &t, nil
}
