package corpus

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	for _, c := range Classes() {
		if len(only) > 0 && !contains(only, c.Name) {
			continue
		}
		if err := c.write(dir, truth); err != nil {
			return nil, fmt.Errorf("write corpus: %s: %w", c.Name, err)
		}
	}
	if len(truth.Plants) == 0 {
		return nil, errors.New("write corpus: no class has that name")
	}
	return truth, truth.save(filepath.Join(dir, truthFile))
}

func contains(list []string, word string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

func (c Class) write(dir string, truth *Truth) error {
	folder := filepath.Join(dir, FilesFolder, c.Name)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	m := newMaker(truth.Family, truth.Seed, c.Name)
	for i := range c.Files {
		m.index = i
		f := c.make(m, c.Each)
		f.name = fmt.Sprintf("%s-%02d%s", m.stem(), i+1, f.name)
		if f.missing != "" {
			truth.Missing[c.Name] = f.missing
		} else if err := os.WriteFile(filepath.Join(folder, f.name), f.data, 0o600); err != nil {
			return err
		}
		for _, p := range f.plants {
			p.Class, p.File = c.Name, c.Name+"/"+f.name
			truth.Plants = append(truth.Plants, p)
		}
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
