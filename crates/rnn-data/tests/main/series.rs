//! Series in files as people's programs write them.

use rnn_data::series::{Decimal, Note, ReadOptions, Separator, Series, SeriesError, Step};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).expect("a file of tests/data")
}

fn read(text: &str) -> Series {
    Series::read(text.as_bytes(), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn error(bytes: &[u8], options: &ReadOptions) -> SeriesError {
    Series::read(bytes, options).expect_err("this is no series")
}

fn message(text: &str) -> String {
    error(text.as_bytes(), &ReadOptions::default()).to_string()
}

fn notes(series: &Series) -> Vec<String> {
    series.notes.iter().map(ToString::to_string).collect()
}

/// The series that most of the files hold: 180 months from January 2005 on, in a file without anything special.
fn plain() -> Series {
    Series::read(&file("comments.csv"), &ReadOptions::default().column("average")).expect("a series")
}

/// 60 months, with what `line` makes of the month and the value.
fn months(line: impl Fn(usize, &str, f64) -> String) -> String {
    let rows = (0..60).map(|k| {
        line(k, &format!("{}-{:02}", 2005 + k / 12, k % 12 + 1), 20.0 + ((k * k) % 17) as f64 / 4.0)
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn semicolons_and_decimal_commas_are_found_out() {
    let series = Series::read(&file("semi_comma.csv"), &ReadOptions::default()).unwrap();
    assert_eq!(series.values, plain().values);
    assert_eq!((series.dialect.separator, series.dialect.decimal), (Separator::Char(';'), Decimal::Comma));
    assert_eq!((series.name.as_str(), notes(&series).len()), ("temp", 0));
}

#[test]
fn comments_before_the_header_are_left_out_and_year_and_month_are_one_time() {
    let series = plain();
    assert_eq!((series.values.len(), series.values[0], series.lines[0]), (180, 19.85, 5));
    let times = series.times.as_ref().unwrap();
    assert_eq!(
        (times.name(), times.step(), times.label(0)),
        ("year, month", Step::Months(1), "2005-01".to_owned())
    );
    assert_eq!((times.label(179), times.label(180)), ("2019-12".to_owned(), "2020-01".to_owned()));
    assert_eq!(series.notes, []);
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_are_left_out() {
    let series = Series::read(&file("bom_crlf.csv"), &ReadOptions::default().column("temp")).unwrap();
    assert_eq!((series.values, series.notes), (plain().values, vec![]));
    let times = series.times.unwrap();
    assert_eq!(
        (times.name(), times.label(0), times.label(180)),
        ("month", "2005-01".to_owned(), "2020-01".to_owned())
    );
    let unasked = Series::read(&file("bom_crlf.csv"), &ReadOptions::default()).unwrap();
    assert_eq!(unasked.name, "temp", "months are no values");
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("t,x\r\n1,2\r\n2,ü\r\n".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert!(
        error(&utf16, &ReadOptions::default().column("x")).to_string().contains(r#"line 3, column "x": "ü""#)
    );
}

#[test]
fn thousands_are_read() {
    let series = Series::read(&file("thousands.csv"), &ReadOptions::default()).unwrap();
    assert_eq!((series.values.len(), series.values[0], series.values[1]), (180, 2985.0, 3281.0));
    assert_eq!(notes(&series), [r#""2,985" was read as 2985 (decimal point), and could also be 2.985"#]);
    let swiss = read("t;x\n1;1'234.5\n2;1'000\n3;2'000.25\n");
    assert_eq!((swiss.values, swiss.notes), (vec![1234.5, 1000.0, 2000.25], vec![]));
    let german = read("t;x\n1;1.234,5\n2;999\n3;2.000\n");
    assert_eq!((german.values, german.notes), (vec![1234.5, 999.0, 2000.0], vec![]));
    let percent = read("t,x\n1,12 %\n2,13 %\n3,12.5 %\n");
    assert_eq!((percent.values, percent.notes), (vec![12.0, 13.0, 12.5], vec![Note::Sign('%')]));
}

#[test]
fn a_code_of_a_missing_value_is_named_with_its_line() {
    let file = file("missing_question.csv");
    let said = error(&file, &ReadOptions::default()).to_string();
    assert!(
        said.starts_with(r#"line 57, column "temp": the value is missing ("?"), and in no other line"#),
        "{said}"
    );
    assert!(said.contains("filled in") && !said.contains("column takes another"), "{said}");
    let filled = Series::read(&file, &ReadOptions::default().fill(true)).unwrap();
    let want = plain().values;
    assert_eq!((filled.values.len(), filled.values[55]), (180, f64::midpoint(want[54], want[56])));
    assert_eq!(filled.notes, [Note::Filled { values: 1, rows: 0 }]);
    assert!(message("x\n1\n#N/A\n3\n").starts_with("line 3,"), "this is no comment");
    for code in ["", "?", "NA", "#N/A", "--", "M", "null", "NaN", "."] {
        let said = message(&format!("t,x\n1,2\n2,{code}\n3,4\n"));
        assert!(said.starts_with("line 3, column \"x\": the value is missing"), "{code}: {said}");
    }
}

#[test]
fn values_far_from_all_others_are_named_with_their_line() {
    let file = file("sentinel.csv");
    let series = Series::read(&file, &ReadOptions::default()).unwrap();
    let [Note::StrangeValues { line, value, count, least, greatest }] = series.notes[..] else {
        panic!("{:?}", series.notes)
    };
    assert_eq!((value, count, series.values[line as usize - 2]), (-200.0, 8, -200.0));
    assert!(least > 10.0 && greatest < 30.0 && series.notes[0].is_warning());
    let text = series.notes[0].to_string();
    assert!(
        text.starts_with(&format!("line {line}: -200 lies far from the other values"))
            && text.contains("8 in all"),
        "{text}"
    );
    let mended = Series::read(&file, &ReadOptions::default().missing(["-200"]).fill(true)).unwrap();
    assert_eq!(mended.notes, [Note::Filled { values: 8, rows: 0 }]);
    assert!(mended.values.iter().all(|value| (10.0..30.0).contains(value)));
}

#[test]
fn a_file_whose_newest_row_comes_first_is_turned_around() {
    let oldest = Series::read(&file("walk_oldest.csv"), &ReadOptions::default()).unwrap();
    let newest = Series::read(&file("walk_newest.csv"), &ReadOptions::default()).unwrap();
    assert_eq!((&oldest.values, &oldest.times, &oldest.notes), (&newest.values, &newest.times, &vec![]));
    assert_eq!(
        notes(&newest),
        [
            r#"the newest row came first ("date" goes from 2020-10-26 to 2020-01-01): the rows were turned around"#
        ]
    );
    assert_eq!((oldest.lines[0], newest.lines[0]), (2, 301));
    let months = Series::read(&file("newest_first.csv"), &ReadOptions::default()).unwrap();
    assert_eq!(months.values, plain().values);
    let years = read("year,x\n2003,1\n2002,2\n2001,4\n");
    assert_eq!((years.values, years.notes.len()), (vec![4.0, 2.0, 1.0], 1));
    // A column of some other thing is no reason to turn a file around.
    let fuel = read("fuel,x\n9,1\n8,2\n6,4\n");
    assert_eq!((fuel.values, fuel.times), (vec![1.0, 2.0, 4.0], None));
    assert!(fuel.notes[0].to_string().contains("fall") && fuel.notes[0].is_warning());
    let days = "year,weekday,x\n2003,2,1\n2003,1,2\n2002,2,4\n2002,1,4\n2001,2,3\n2001,1,3\n";
    assert!(read(days).notes.contains(&Note::Falls { column: "year".to_owned() }));
    let cost = read("cost,x\n1,1\n2,2\n9,4\n");
    assert_eq!((cost.times, cost.notes), (None, vec![Note::NoTimes]), "a quantity that rises is no time");
}

#[test]
fn a_doubled_name_in_the_header_is_named() {
    let file = file("dup_header.csv");
    let said = error(&file, &ReadOptions::default().column("close")).to_string();
    assert_eq!(
        said,
        r#""close" is the name of 2 columns, number 2 and 3; ask for one of them by its number"#
    );
    let series = Series::read(&file, &ReadOptions::default()).unwrap();
    assert_eq!(
        notes(&series),
        [r#"2 columns are called "close"; column 3 was taken; ask for another by its number"#]
    );
    let second = Series::read(&file, &ReadOptions::default().column("2")).unwrap();
    assert_eq!((second.values, second.notes), (plain().values, vec![]));
}

#[test]
fn a_file_without_rows_is_said_to_have_none() {
    assert_eq!(
        error(&file("header_only.csv"), &ReadOptions::default()).to_string(),
        r#"there is no row below the header, which names "month", "temp""#
    );
    assert_eq!(message(""), "the file is empty");
    assert_eq!(message("# nothing\n\n"), "the file is empty");
    assert!(message("PK\u{3}\u{4}…").contains("save the sheet as CSV"));
    assert!(message("t,x\n1,a\0b\n").contains("byte 7 is 0"));
}

#[test]
fn numbers_whose_squares_leave_the_range_are_named() {
    let said = error(&file("huge.csv"), &ReadOptions::default()).to_string();
    assert!(said.starts_with(r#"line 2, column "x": 1.985000e+201 is out of range"#), "{said}");
    assert!(
        message("t,x\n1,1e-200\n2,2e-200\n3,0\n")
            .starts_with(r#"line 3, column "x": 2e-200 is out of range"#)
    );
    assert_eq!(read("t,x\n1,2\n2,1e-200\n").values, [2.0, 1e-200]);
    assert!(message("t,x\n1,2\n2,1e999\n").contains("1e999 is out of range"));
    assert_eq!(read("t,x\n1,2\n2,0\n").values, [2.0, 0.0]);
}

#[test]
fn a_doubled_or_missing_time_is_named() {
    let gap = months(|k, month, x| if k == 30 { String::new() } else { format!("{month},{x}") });
    let series = read(&format!("month,x\n{gap}\n"));
    assert_eq!(series.values.len(), 59);
    let said = notes(&series);
    assert!(said[0].starts_with("line 33: a row is missing between 2007-06 and 2007-08;"), "{said:?}");
    let filled =
        Series::read(format!("month,x\n{gap}\n").as_bytes(), &ReadOptions::default().fill(true)).unwrap();
    assert_eq!(filled.values[30], f64::midpoint(filled.values[29], filled.values[31]));
    assert_eq!(filled.times.unwrap().label(30), "2007-07");

    let doubled = months(
        |k, month, x| if k == 30 { format!("{month},{x}\n{month},{x}") } else { format!("{month},{x}") },
    );
    let said = notes(&read(&format!("month,x\n{doubled}\n")));
    assert!(said[0].starts_with("line 33: 2007-07 is there twice; every row counts"), "{said:?}");

    let panel = months(|_, month, x| format!("{month},{x}\n{month},{x}"));
    assert!(message(&format!("month,x\n{panel}\n")).contains("several series below each other"));
    let below = months(|_, month, x| format!("{month},{x}"));
    let said = message(&format!("month,x\n{below}\n{below}\n"));
    assert!(
        said.starts_with(r#"line 62, column "month": 2005-01 comes after 2009-12, although times rise"#),
        "{said}"
    );
    let said = message(&format!("month,x\n{below}\nTotal,99\n"));
    assert!(
        said.starts_with(
            r#"line 62, column "month": "Total" is not a time as the other rows have it, such as "2005-01""#
        ),
        "{said}"
    );
    let sparse = "date,x\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n2021-01-04,4\n";
    let said = error(sparse.as_bytes(), &ReadOptions::default().fill(true)).to_string();
    assert!(said.starts_with("line 5: 366 rows are missing before it"), "{said}");
}

#[test]
fn days_and_months_change_places_only_where_that_makes_sense() {
    let days: Vec<String> = (1..=28).map(|day| format!("{day:02}/02/2005,{}", day * day % 7)).collect();
    let series = read(&format!("date,x\n{}\n", days.join("\n")));
    assert_eq!((series.times.unwrap().label(28), series.notes), ("2005-03-01".to_owned(), vec![]));
    // Twelve days of January, or the first of every month.
    let either: Vec<String> = (1..=12).map(|k| format!("01/{k:02}/2005,{}", k * k % 7)).collect();
    let series = read(&format!("date,x\n{}\n", either.join("\n")));
    assert!(matches!(series.notes[0], Note::AmbiguousDates { .. }) && series.notes[0].is_warning());
    let said = notes(&series);
    assert!(said[0].contains("read like 12/31/1999, and could also be like 31/12/1999"), "{said:?}");
}

#[test]
fn every_dialect_gives_the_same_series() {
    let want = read(&format!("month,x\n{}\n", months(|_, month, x| format!("{month},{x}"))));
    assert_eq!(want.notes, []);
    let comma = |x: f64| x.to_string().replace('.', ",");
    let files = [
        format!("month\tx\n{}\n", months(|_, month, x| format!("{month}\t{x}"))),
        format!("month|x\n{}\n", months(|_, month, x| format!("{month}|{x}"))),
        format!("month   x\n{}\n", months(|_, month, x| format!("  {month}   {x}"))),
        format!("sep=;\nmonth;x\n{}\n", months(|_, month, x| format!("{month};{}", comma(x)))),
        format!("\"month\",\"x\"\n{}\n", months(|_, month, x| format!("\"{month}\",\"{}\"", comma(x)))),
        format!("Station 7\n\nmonth,x\n{}\n", months(|_, month, x| format!("{month},{x}"))),
        format!("# month,x\n{}\n", months(|_, month, x| format!("{month},{x}"))),
        format!("month,x,,\n{}\n,,,\n", months(|_, month, x| format!("{month},{x},,"))),
        format!("month,x,\n{}\n", months(|_, month, x| format!("{month},{x}"))),
        format!("month,x,flag\n{}\n", months(|_, month, x| format!("{month},{x},ok"))),
        format!("\"x\"\n{}\n", months(|k, month, x| format!("\"{}\" \"{month}\" {x}", k + 1)))
            .replace("\"x\"\n", "\"month\" \"x\"\n"),
        format!("month,x\n{}\n", months(|_, month, x| format!("{month},{x}"))).replace('\n', "\r"),
    ];
    for file in files {
        let series = read(&file);
        assert_eq!((series.values, series.name.as_str()), (want.values.clone(), "x"), "{file}");
        assert_eq!(series.times.map(|times| times.label(60)), Some("2010-01".to_owned()), "{file}");
    }
    let single = read(&format!("x\n{}\n", months(|_, _, x| comma(x))));
    assert_eq!((single.values, single.dialect.separator), (want.values.clone(), Separator::None));
    assert_eq!(single.notes, [Note::NoTimes]);
    let headless = read(&format!("{}\n", months(|_, month, x| format!("{month},{x}"))));
    assert_eq!(
        (headless.values, headless.name.as_str()),
        (want.values, "column 2"),
        "the first row is not lost"
    );
    assert_eq!(headless.notes, [Note::NoHeader { columns: 2 }]);
    // Windows-1252, as spreadsheets in Western Europe write it.
    let umlaut = Series::read(b"Tag;W\xe4rme\n1;2,5\n2;3,5\n", &ReadOptions::default()).unwrap();
    assert_eq!((umlaut.name.as_str(), notes(&umlaut).len()), ("Wärme", 1));
}

#[test]
fn errors_say_what_is_wrong_and_where() {
    let said =
        |text: &str, column: &str| error(text.as_bytes(), &ReadOptions::default().column(column)).to_string();
    assert_eq!(
        said("day,rain\n1,2\n", "Rain"),
        r#"there is no column "Rain"; the columns are "day", "rain""#
    );
    assert!(message("day,rain\n1,wet\n2,dry\n").starts_with("no column has numbers"));
    let wet = message("day,rain\n1,2\n2,3\n3,4\n4,wet\n");
    assert!(
        message("day,rain\n1,2\n\n# x\n  \n2,3\n3,4\n4,wet\n").starts_with("line 8,"),
        "lines are those of the file"
    );
    assert!(
        wet.starts_with(
            r#"line 5, column "rain": "wet" is not a number with a decimal point, as 3 of the 4 values are"#
        ),
        "{wet}"
    );
    assert!(
        message("day,rain\n1,2\n2,3\n3\n").starts_with("line 4 has 1 columns, and the rows before it have 2")
    );
    assert!(message("day,rain\n1,2\n2,3\n3,4,5\n").contains("decimal commas"));
    assert!(said("day,rain\n1,inf\n", "rain").contains(r#""inf" is not a number"#));
    let damaged = error(b"t,na\xc3\xafve \xc3\xbc\n1,2\n2,\xff\n", &ReadOptions::default()).to_string();
    assert!(damaged.starts_with("line 3: the bytes [ff] are not UTF-8"), "{damaged}");
}

/// Reading takes time and memory in proportion to the file: forty times the rows take nothing like 1600 times as long.
#[test]
fn two_hundred_thousand_rows_are_read_in_linear_time() {
    let text = |rows: usize| -> String {
        let minute = |k: usize| {
            format!("2005-01-{:02} {:02}:{:02},{}\n", k / 1440 % 28 + 1, k / 60 % 24, k % 60, k % 977)
        };
        let day = |k: usize| {
            format!("{:04}-{:02}-{}", 2005 + k / 40_320 / 12, k / 40_320 % 12 + 1, &minute(k)[8..])
        };
        std::iter::once("time,x\n".to_owned()).chain((0..rows).map(day)).collect()
    };
    let seconds = |text: &str| {
        let start = std::time::Instant::now();
        let series =
            Series::read(text.as_bytes(), &ReadOptions::default().missing(["-1"]).fill(false)).unwrap();
        (start.elapsed().as_secs_f64(), series.values.len())
    };
    let ((short, _), (long, rows)) = (seconds(&text(5_000)), seconds(&text(200_000)));
    assert_eq!(rows, 200_000);
    assert!(long < 400.0 * short.max(0.01), "{long} s, and {short} s for a fortieth of the rows");
}
