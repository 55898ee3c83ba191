package main

import (
	"fmt"
	"io"
)

// A ground is one entry of a match's context in words: what spoke for it, or
// against it.
type ground struct {
	against bool
	en, zh  string
}

// grounds are the words for each id of scan.Labels.
var grounds = map[string]ground{
	"card":             {false, "a label of a card stands before it", "前面有卡号标签"},
	"cvv":              {false, "a security code stands beside it", "旁边有安全码"},
	"expiry":           {false, "an expiry date stands beside it", "旁边有有效期"},
	"track":            {false, "it is written as on a magnetic track", "符合磁道格式"},
	"resident_id":      {false, "a label of an identity number stands before it", "前面有证件标签"},
	"column_name":      {false, "its column is named for cards", "列名指明为卡号"},
	"grouped":          {false, "it is written in groups, as cards are", "按卡号分组书写"},
	"password":         {false, "a label of a password stands before it", "前面有密码标签"},
	"key":              {false, "a label of a key stands before it", "前面有密钥标签"},
	"pin_block":        {false, "a label of a PIN block stands before it", "前面有PIN密文块标签"},
	"bank_account":     {false, "a label of a bank account stands before it", "前面有银行账号标签"},
	"phone":            {false, "a label of a phone stands before it", "前面有电话标签"},
	"personal_data":    {false, "other data of a person stand beside it", "旁边有其他个人信息"},
	"iso8583":          {false, "it is an element of a payment message", "属于支付报文的数据元"},
	"emv":              {false, "it is a data object of a chip", "属于芯片数据对象"},
	"number_array":     {false, "numbers like it stand at one distance", "同类数字等距排列"},
	"no_check_digit":   {true, "its check digit is wrong, as on some old UnionPay cards", "校验位不符，部分老银联卡如此"},
	"other_label":      {true, "a label names it as something else", "标签指明为其他号码"},
	"decimal":          {true, "it is part of a decimal number", "属于小数的一部分"},
	"hex":              {true, "it is part of a word in hex", "属于十六进制串的一部分"},
	"glued":            {true, "letters touch it", "与字母相连"},
	"compound":         {true, "it is part of a longer name or number", "属于更长的名称或编号"},
	"number_chain":     {true, "it is part of a longer chain of numbers", "属于更长的数字串"},
	"iban":             {true, "it is part of an IBAN", "属于国际银行账号（IBAN）"},
	"date_time":        {true, "it reads as a date and time", "可读作日期时间"},
	"reference_number": {true, "it reads as a retrieval reference number", "可读作检索参考号"},
	"ean":              {true, "it is an article number, too", "同时是商品条码"},
	"repeated_digit":   {true, "it repeats or counts", "数字重复或连续"},
	"among_non_cards":  {true, "it stands among numbers that are no cards", "与非卡号数字同列"},
}

// writeGrounds writes a line for each ground.
func writeGrounds(w io.Writer, context []string) {
	for _, id := range context {
		g, known := grounds[id]
		if !known {
			continue
		}
		sign := '+'
		if g.against {
			sign = '-'
		}
		fmt.Fprintf(w, "    %c %s / %s\n", sign, g.en, g.zh)
	}
}
