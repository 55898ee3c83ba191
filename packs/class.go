package packs

import (
	"fmt"
	"slices"
)

// DataClasses is what a case can say was exposed, with the source behind each row.
type DataClasses struct {
	Header  `yaml:",inline"`
	AsOf    string      `yaml:"as_of"`
	Sources []Source    `yaml:"sources"`
	Classes []DataClass `yaml:"classes"`
	Combos  []Combo     `yaml:"combos"`
}

// A Source is where a row was read, and how closely.
type Source struct {
	ID    string `yaml:"id"`
	State string `yaml:"state"` // primary_copy, primary_quoted, secondary or general_knowledge
	Title Text   `yaml:"title"`
	Read  Text   `yaml:"read"`
}

// A DataClass is one kind of exposed data.
type DataClass struct {
	ID            string     `yaml:"id"`
	ZH            string     `yaml:"zh"`
	EN            string     `yaml:"en"`
	JR            *string    `yaml:"jr"`       // class of JR/T 0171, or null
	JRBasis       string     `yaml:"jr_basis"` // sourced, or memory: not yet read in a source
	JRNote        *Text      `yaml:"jr_note"`
	PCI           string     `yaml:"pci"` // CHD, SAD, key_material or not_account_data
	Store         Store      `yaml:"store"`
	Mask          MaskPolicy `yaml:"mask"`
	PISensitiveCN bool       `yaml:"pi_sensitive_cn"`
	CrimeTier     string     `yaml:"crime_tier"`
	Severity      int        `yaml:"severity"` // 1 to 5 if exposed alone
	Conflict      *Text      `yaml:"conflict"`
	Impact        Text       `yaml:"impact"`
}

// Name returns what the class is called.
func (c DataClass) Name() Text { return Text{ZH: c.ZH, EN: c.EN} }

// A Store says whether the class may be kept, by PCI DSS and for a Chinese merchant.
type Store struct {
	PCI        string `yaml:"pci"`
	CNMerchant string `yaml:"cn_merchant"`
}

// A MaskPolicy says how much of a value may be shown.
type MaskPolicy struct {
	KeepFirst       int    `yaml:"keep_first"`
	KeepLast        int    `yaml:"keep_last"`
	KeepDomain      bool   `yaml:"keep_domain"`
	Keep            string `yaml:"keep"`
	Max             string `yaml:"max"`
	Rule            string `yaml:"rule"`
	Basis           string `yaml:"basis"`
	CardRef         string `yaml:"card_ref"`
	NeverDisplay    bool   `yaml:"never_display"`
	FingerprintOnly bool   `yaml:"fingerprint_only"`
}

// A Combo is a set of classes that together weigh more than each alone.
type Combo struct {
	All      []string `yaml:"all"`
	AnyOf    []string `yaml:"any_of"`
	Severity int      `yaml:"severity"`
	Label    Text     `yaml:"label"`
}

// Class finds a data class by id.
func (d *DataClasses) Class(id string) (DataClass, bool) {
	i := slices.IndexFunc(d.Classes, func(c DataClass) bool { return c.ID == id })
	if i < 0 {
		return DataClass{}, false
	}
	return d.Classes[i], true
}

// Severity returns how bad it is that these classes lie open together, and the
// combinations that raised it. Nothing known gives 0.
func (d *DataClasses) Severity(ids []string) (int, []Combo) {
	worst := 0
	for _, id := range ids {
		if c, ok := d.Class(id); ok {
			worst = max(worst, c.Severity)
		}
	}
	var hit []Combo
	for _, combo := range d.Combos {
		if combo.in(ids) {
			hit = append(hit, combo)
			worst = max(worst, combo.Severity)
		}
	}
	return worst, hit
}

func (c Combo) in(ids []string) bool {
	has := func(id string) bool { return slices.Contains(ids, id) }
	if len(c.AnyOf) > 0 {
		return slices.ContainsFunc(c.AnyOf, has)
	}
	return !slices.ContainsFunc(c.All, func(id string) bool { return !has(id) })
}

func (d *DataClasses) ids() []string {
	return idsOf(d.Classes, func(c DataClass) string { return c.ID })
}

func (d *DataClasses) check(r *report) {
	r.ids("sources", idsOf(d.Sources, func(s Source) string { return s.ID }))
	r.ids("classes", d.ids())
	pci := []string{"CHD", "SAD", "key_material", "not_account_data"}
	for i, c := range d.Classes {
		key := fmt.Sprintf("classes[%d]", i)
		r.text(c.Name(), key)
		r.need(slices.Contains(pci, c.PCI), key+".pci", "is not one of %v", pci)
		r.need(c.Severity >= 1 && c.Severity <= 5, key+".severity", "is not 1 to 5")
		r.need(c.Store.PCI != "" && c.Store.CNMerchant != "", key+".store", "needs pci and cn_merchant")
	}
	for i, c := range d.Combos {
		key := fmt.Sprintf("combos[%d]", i)
		r.need((len(c.All) > 0) != (len(c.AnyOf) > 0), key, "needs exactly one of all, any_of")
		for _, id := range append(slices.Clone(c.All), c.AnyOf...) {
			_, ok := d.Class(id)
			r.need(ok, key, "names a class that is not in this file")
		}
		r.need(c.Severity >= 1 && c.Severity <= 5, key+".severity", "is not 1 to 5")
	}
}

// Classes maps what the scanner calls a match to what a case calls exposed data.
type Classes struct {
	Header `yaml:",inline"`
	Maps   []ClassMap `yaml:"classes"`
}

// A ClassMap is one scan class. With several targets the scanner cannot tell
// which it is, and a person says.
type ClassMap struct {
	Scan   string   `yaml:"scan"`
	Data   []string `yaml:"data"`
	Choose bool     `yaml:"choose"` // a person picks one of the targets
	ZH     string   `yaml:"zh"`
	EN     string   `yaml:"en"`
}

// Name returns what the scan class is called.
func (m ClassMap) Name() Text { return Text{ZH: m.ZH, EN: m.EN} }

// Map finds the entry of a scan class.
func (c *Classes) Map(scan string) (ClassMap, bool) {
	i := slices.IndexFunc(c.Maps, func(m ClassMap) bool { return m.Scan == scan })
	if i < 0 {
		return ClassMap{}, false
	}
	return c.Maps[i], true
}

// SAD tells whether a scan class is sensitive authentication data (PCI DSS 3.3.1),
// which is so if any data class it maps to is.
func (p *Packs) SAD(scan string) bool {
	m, _ := p.Classes.Map(scan)
	return slices.ContainsFunc(m.Data, func(id string) bool {
		c, ok := p.DataClasses.Class(id)
		return ok && c.PCI == "SAD"
	})
}

func (p *Packs) checkClasses(r *report) {
	r.need(len(p.Classes.Maps) > 0, "classes", "is empty; map every scan class")
	seen := map[string]bool{}
	for i, m := range p.Classes.Maps {
		key := fmt.Sprintf("classes[%d]", i)
		r.text(m.Name(), key)
		r.need(m.Scan != "", key+".scan", "is missing; name the scan class")
		r.need(!seen[m.Scan], key+".scan", "is mapped twice; keep one")
		seen[m.Scan] = true
		r.need(len(m.Data) > 0, key+".data", "is empty; name at least one data class")
		r.need(m.Choose == (len(m.Data) > 1), key+".choose", "must be true exactly when data has more than one class")
		for j, id := range m.Data {
			_, ok := p.DataClasses.Class(id)
			r.need(ok, fmt.Sprintf("%s.data[%d]", key, j), "is no class of data-classes.yaml")
		}
	}
}
