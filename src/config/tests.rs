use insta::assert_snapshot;
use jiff::{SignedDuration, Span, civil::date};
use secrecy::ExposeSecret;

use crate::domain::{holidays, policy::RetryStep, routing, tier::Tier};

use super::*;

/// The block of the contract, word for word, but for the one URL that it only hints at.
fn contract() -> String {
    include_str!("../../tests/data/contract.toml")
        .replace("\"https://…\"", "\"https://crm.example.co.uk/hook\"")
}

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    Config::parse(text, Path::new("ringback.toml"))
}

fn with_env(text: &str, env: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let env: Vec<_> = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let path = PathBuf::from("ringback.toml");
    Config::from_tree(file::parse(&path, text)?, Some(path), &env)
}

/// What an unreadable configuration says.
fn faults(text: &str) -> String {
    parse(text).map(|_| "no fault").unwrap_err().to_string()
}

fn warnings(text: &str) -> String {
    let warnings = parse(text).unwrap().warnings;
    warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

mod reading {
    use super::*;

    #[test]
    fn the_contracts_whole_example_is_read() {
        let config = parse(&contract()).unwrap();
        assert_eq!(config.warnings, []);
        assert_eq!(config.business.name, "Harbour & Vale Automation");
        assert_eq!(config.business.hours.day(jiff::civil::Weekday::Monday).len(), 2);
        assert!(config.business.hours.day(jiff::civil::Weekday::Tuesday).is_empty());
        assert!(config.business.closures.contains(&date(2026, 12, 24)));
        assert_eq!(config.server.listen.to_string(), "127.0.0.1:7464");
        assert_eq!(config.server.public_url.as_deref(), Some("https://leads.example.co.uk"));
        assert!(matches!(&config.store, Some(StoreUrl::Sqlite(path))
            if path == Path::new("/var/lib/ringback/ringback.db")));
        assert_eq!(config.lease, SignedDuration::from_mins(5));
        assert_eq!(config.dialling.mode, DialMode::Bridge);
        assert_eq!(config.dialling.civil_hours.to_string(), "08:00-21:00");
        assert_eq!(config.dialling.retry[2], RetryStep::NextOpening);
        let [rule] = &config.routing.rules[..] else { panic!("one rule") };
        assert_eq!((rule.name.as_str(), rule.tier), ("large team", Tier::B));
        assert_eq!(rule.when.team_size_min, Some(10));
        assert_eq!(config.teams[0].members, ["priya", "tom"]);
        let [rung] = &config.escalation[..] else { panic!("one rung") };
        assert_eq!(rung.when, Trigger::AfterOpening(SignedDuration::from_mins(15)));
        assert_eq!(rung.by, [Channel::Slack, Channel::Sms, Channel::Email, Channel::Console]);
        assert_eq!(config.twilio.as_ref().unwrap().from.e164(), "+442079460000");
        assert_eq!(config.slack.as_ref().unwrap().sdr_channel.as_deref(), Some("#sdr"));
        let smtp = config.smtp.as_ref().unwrap();
        assert_eq!(smtp.url.expose_secret(), "smtps://user:pass@mail.example.co.uk");
        assert_eq!(config.hubspot.as_ref().unwrap().base_url.as_str(), "https://api.hubapi.com/");
        assert_eq!(config.crm_webhooks.len(), 1);
        let kept = config.retention.closed_leads.unwrap();
        assert_eq!(kept.fieldwise(), Span::new().days(365));
        assert_eq!(config.live_services(), ["twilio", "slack", "smtp", "hubspot", "crm_webhook"]);
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        let config = parse("").unwrap();
        assert_eq!(config.business.timezone.iana_name(), Some("Europe/London"));
        assert_eq!(config.business.hours, crate::domain::hours::Week::mon_to_fri(9, 17));
        assert_eq!(config.business.holidays, holidays::dates(holidays::Nation::EnglandAndWales));
        assert_eq!(config.routing.rules, routing::starter_rules());
        assert!(
            config.store.is_none() && config.twilio.is_none() && config.live_services().is_empty()
        );
        assert_eq!(config.warnings, []);
    }

    #[test]
    fn the_starter_configuration_means_the_same_as_no_file() {
        let config = parse(starter()).unwrap();
        let default = Config { path: config.path.clone(), ..Config::default() };
        assert_eq!(format!("{config:#?}"), format!("{default:#?}"));
    }

    #[test]
    fn what_the_starter_configuration_switches_off_would_be_right_if_switched_on() {
        let on = |line: &str| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') && !key.is_empty() => key.to_owned(),
            _ => line.to_owned(),
        };
        // Two keys stand there twice, once as the default and once as an example; files of secrets are not there.
        let text = starter()
            .replace("closures = []\n", "")
            .replace("numbers = []\n", "")
            .replace("_file = \"/run/secrets/", " = \"")
            .lines()
            .filter(|line| !line.starts_with("#bank_holidays_file"))
            .map(on)
            .collect::<Vec<_>>()
            .join("\n");
        let config = parse(&text).unwrap();
        assert_eq!(config.routing.rules, routing::starter_rules());
        assert_eq!(config.escalation, escalation::starter());
        assert!(config.twilio.is_some() && config.slack.is_some() && config.smtp.is_some());
        assert!(config.hubspot.is_some() && config.crm_webhooks.len() == 1);
        assert!(config.store.is_some() && config.retention.closed_leads.is_some());
    }

    #[test]
    fn every_key_of_the_reader_stands_in_the_starter_configuration() {
        for (section, key) in known_keys() {
            let written = if section.is_empty() {
                let outer = |line: &str| line.trim_matches(['#', '[', ']']) == key;
                starter().lines().any(outer)
            } else {
                starter().contains(key)
            };
            assert!(written, "{key} of {section} is not in the starter configuration");
        }
    }

    /// Every section and key that reading the contract's example asks for.
    fn known_keys() -> Vec<(String, &'static str)> {
        let tree = file::parse(Path::new("ringback.toml"), &contract()).unwrap();
        let notes = Notes::default();
        Config::read(&notes.root(&tree, Place::File(PathBuf::new())), None);
        notes.known_keys().into_iter().filter(|(_, key)| !key.ends_with("_file")).collect()
    }

    #[test]
    fn the_policy_is_what_the_configuration_says() {
        let config = parse(
            r#"
            [business]
            timezone = "Europe/Dublin"
            country = "ie"
            bank_holidays = "northern-ireland"
            closures = [2026-12-24]
            numbers = ["01 679 3333", "+442079460000"]
            [claims]
            lease = "10m"
            [clocks]
            standard = "1d"
            [dialling]
            retry = ["30m", "1d", "next opening"]
            [routing]
            overrule_agent_tier = true
            [twilio]
            account_sid = "AC1"
            auth_token = "t"
            from = "+442079460000"
            "#,
        )
        .unwrap();
        let policy = config.policy();
        assert_eq!(policy.region, "IE");
        let numbers: Vec<&str> = policy.own_numbers.iter().map(|number| number.e164()).collect();
        assert_eq!(numbers, ["+35316793333", "+442079460000"]);
        assert_eq!(policy.lease, SignedDuration::from_mins(10));
        assert_eq!(policy.clocks.standard_business, SignedDuration::from_hours(8));
        assert_eq!(policy.retry[1], RetryStep::After(SignedDuration::from_hours(8)));
        assert!(policy.overrule_agent_tier);
        assert!(policy.calendar.day_closed(date(2026, 12, 24)), "the closure");
        assert!(
            policy.calendar.day_closed(date(2027, 7, 12)),
            "a bank holiday of Northern Ireland"
        );
        assert!(!policy.calendar.day_closed(date(2026, 12, 23)));
    }

    #[test]
    fn a_service_on_this_machine_is_a_stand_in_and_not_live() {
        for (url, live) in [
            ("http://127.0.0.1:9", false),
            ("http://[::1]:9/api", false),
            ("http://localhost", false),
            ("https://api.hubapi.com", true),
            ("http://localhost.example.com", true),
            ("http://10.0.0.1", true),
        ] {
            let config = parse(&format!("[hubspot]\ntoken = \"t\"\nbase_url = \"{url}\"")).unwrap();
            assert_eq!(!config.live_services().is_empty(), live, "{url}");
        }
        let config =
            parse("[smtp]\nurl = \"smtp://127.0.0.1:2525\"\nfrom = \"Desk <d@b.uk>\"").unwrap();
        assert!(config.live_services().is_empty());
    }

    #[test]
    fn a_secret_is_never_printed() {
        let printed = format!("{:?}", parse(&contract()).unwrap());
        for secret in ["xoxb-", "whsec_", "user:pass"] {
            assert!(!printed.contains(secret), "{secret}");
        }
    }
}

mod environment {
    use super::*;

    #[test]
    fn any_key_can_be_set_and_the_environment_wins_over_the_file() {
        let file = "[business]\nname = \"From the file\"\ncountry = \"IE\"\n[twilio]\naccount_sid = \"ACfile\"\nfrom = \"+442079460000\"";
        let config = with_env(
            file,
            &[
                ("RINGBACK_BUSINESS__NAME", "true"),
                ("RINGBACK_BUSINESS__CLOSURES", "[\"2026-12-24\", 2026-12-31]"),
                ("RINGBACK_BUSINESS__HOURS__MON", "[\"09:00-12:30\", \"13:15-17:30\"]"),
                ("RINGBACK_SERVER__LIMITS__REP_PER_SECOND", "7"),
                ("RINGBACK_SERVER__METRICS", "false"),
                ("RINGBACK_CLAIMS__LEASE", "90s"),
                ("RINGBACK_TWILIO__AUTH_TOKEN", "0123"),
                ("RINGBACK_TEAM", "[{ name = \"team_sdr\", members = [\"priya\"] }]"),
                (
                    "RINGBACK_ROUTING__RULE",
                    "[{ tier = \"C\", queue = \"general\", owner = \"team_sdr\" }]",
                ),
                ("RINGBACK_DIALLING__MODE", ""),
                ("RINGBACK_TOKEN", "not ours"),
                ("RINGBACK_CONFIG", "not ours"),
                ("PATH", "/bin"),
            ],
        )
        .unwrap();
        assert_eq!(config.business.name, "true", "text is wanted, so text it is");
        assert_eq!(config.business.country, "IE", "what is not overridden stays");
        assert_eq!(config.business.closures.len(), 2);
        assert_eq!(config.business.hours.day(jiff::civil::Weekday::Monday).len(), 2);
        assert_eq!(config.server.limits.rep_per_second, 7);
        assert!(!config.server.metrics);
        assert_eq!(config.lease, SignedDuration::from_secs(90));
        assert_eq!(config.twilio.unwrap().auth_token.expose_secret(), "0123");
        assert_eq!(config.teams[0].members, ["priya"]);
        assert_eq!(config.routing.rules[0].owner.as_deref(), Some("team_sdr"));
        assert_eq!(config.dialling.mode, DialMode::Bridge, "set to nothing is not set");
    }

    #[test]
    fn a_fault_names_the_variable() {
        let error = with_env(
            "[team]\nname = \"x\"",
            &[
                ("RINGBACK_BUSINESS__TIMEZNE", "Europe/London"),
                ("RINGBACK_BUSINESS__CLOSURES", "2026-12-24"),
                ("RINGBACK_BUSINESS__HOURS__TUE", "[\"nine to five\"]"),
                ("RINGBACK_TWILLIO__AUTH_TOKEN", "secret"),
                ("RINGBACK_SERVER__METRICS", "maybe"),
                ("RINGBACK_SERVER__LIMITS__BODY_BYTES", "64k"),
                ("RINGBACK_CLAIMS__LEASE", "soon"),
                ("RINGBACK_CLAIMS__LEASE__MINUTES", "5"),
                ("RINGBACK_SLACK__BOT_TOKEN", "[1, 2]"),
                ("RINGBACK_SLACK____", "x"),
            ],
        );
        assert_snapshot!(error.unwrap_err(), @r##"
        ringback.toml:1:1: expected a list of sections: write [[team]]
        RINGBACK_BUSINESS__CLOSURES: expected a list, as ["…", "…"], found a date
        RINGBACK_BUSINESS__HOURS__TUE: "nine to five" is not an interval: write opening and closing time as "09:00-17:30"
        RINGBACK_BUSINESS__TIMEZNE: unknown key `timezne` in [business]: did you mean `timezone`?
        RINGBACK_CLAIMS__LEASE: "soon" is not a duration: write a number and a unit, as "90s", "5m", "2h" or "1d"
        RINGBACK_CLAIMS__LEASE__MINUTES: `lease` has no keys of its own: give it as a whole, in a variable that ends in LEASE
        RINGBACK_SERVER__LIMITS__BODY_BYTES: expected a whole number without quotes, found text
        RINGBACK_SERVER__METRICS: expected true or false, found text
        RINGBACK_SLACK____: [slack] needs `overnight_channel`: add overnight_channel = "#inbound-overnight"
        RINGBACK_SLACK____: [slack] needs `signing_secret`: add signing_secret = "…"
        RINGBACK_SLACK____: unknown key `` in [slack]: known here are `base_url`, `bot_token`, `bot_token_file`, `overnight_channel`, `sdr_channel`, `signing_secret`, `signing_secret_file`
        RINGBACK_TWILLIO__AUTH_TOKEN: unknown section [twillio]: did you mean [twilio]?
        "##);
    }
}

mod secrets {
    use super::*;

    #[test]
    fn a_secret_can_stand_in_a_file_beside_the_configuration() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("secrets")).unwrap();
        std::fs::write(folder.path().join("secrets/hubspot"), "pat-123\r\n").unwrap();
        let path = folder.path().join("ringback.toml");
        std::fs::write(&path, "[hubspot]\ntoken_file = \"secrets/hubspot\"").unwrap();
        let config = Config::load(Some(&path), std::iter::empty()).unwrap();
        assert_eq!(config.hubspot.unwrap().token.expose_secret(), "pat-123");
        assert_eq!(config.path, Some(path));
    }

    #[test]
    fn the_environment_overrides_a_secret_whichever_way_it_is_given() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "from a file").unwrap();
        let file = file.to_str().unwrap();
        for (text, env, secret) in [
            (format!("token_file = {file:?}"), ("RINGBACK_HUBSPOT__TOKEN", "direct"), "direct"),
            ("token = \"direct\"".into(), ("RINGBACK_HUBSPOT__TOKEN_FILE", file), "from a file"),
        ] {
            let config = with_env(&format!("[hubspot]\n{text}"), &[env]).unwrap();
            assert_eq!(config.hubspot.unwrap().token.expose_secret(), secret);
        }
    }

    #[test]
    fn a_secret_that_is_wrong_is_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        std::fs::write(folder.path().join("smtp"), "mail.example.co.uk:s3cret").unwrap();
        let text = r##"
            [twilio]
            account_sid = "AC1"
            auth_token = 123456
            from = "+442079460000"
            [slack]
            bot_token = "s3cret"
            bot_token_file = "token"
            signing_secret_file = "missing"
            overnight_channel = "#o"
            [smtp]
            url_file = "smtp"
            from = "a@b.uk"
            [hubspot]
            token_file = "empty"
            base_url = "https://user:s3cret@example.co.uk"
            [store]
            url = "mysql://root:s3cret@db/leads"
            [[crm_webhook]]
            url = "https://user:s3cret@example.co.uk"
            secret = ""
            "##;
        let error = Config::parse(text, &folder.path().join("ringback.toml")).unwrap_err();
        let shown = error.to_string().replace(folder.path().to_str().unwrap(), "DIR");
        assert!(!shown.contains("s3cret") && !shown.contains("123456"), "{shown}");
        assert_snapshot!(shown, @r#"
        DIR/ringback.toml:4:26: expected text in quotes, found a whole number
        DIR/ringback.toml:8:30: `bot_token` and `bot_token_file` are both given: keep one of them
        DIR/ringback.toml:9:35: missing cannot be read: No such file or directory (os error 2)
        DIR/ringback.toml:12:24: this is not the URL of a mail server: write it as "smtps://user:pass@mail.example.co.uk"
        DIR/ringback.toml:15:26: the file is empty: write the secret into it
        DIR/ringback.toml:16:24: this URL holds a user name or a password: write one as "https://example.co.uk"
        DIR/ringback.toml:18:19: this is not the URL of a store: write "sqlite:///var/lib/ringback/ringback.db" or "postgres://user:password@host/database"
        DIR/ringback.toml:20:19: this URL holds a user name or a password: write one as "https://example.co.uk"
        DIR/ringback.toml:21:22: this is empty: give it a value or leave the key out
        "#);
    }
}

mod messages {
    use super::*;

    #[test]
    fn a_syntax_error_has_its_place() {
        assert_snapshot!(faults("[business]\nname = \"Harbour\ncountry = \"GB\"\n"), @r#"ringback.toml:2:16: invalid basic string, expected `"`"#);
        assert_snapshot!(faults("[business]\nname = \n"), @"ringback.toml:2:8: string values must be quoted, expected literal string");
        assert_snapshot!(faults("[business]\nname = \"a\"\nname = \"b\"\n"), @"ringback.toml:3:1: duplicate key");
        assert_snapshot!(faults("[business\nname = \"a\""), @"ringback.toml:1:10: unclosed table, expected `]`");
        assert_snapshot!(faults("\u{feff}[business]\nname = Harbour"), @"ringback.toml:2:8: string values must be quoted, expected literal string");
    }

    #[test]
    fn an_unknown_key_suggests_the_nearest_or_its_home_or_lists_what_is_known() {
        assert_snapshot!(faults("[business]\ntimezne = \"Europe/London\""), @"ringback.toml:2:1: unknown key `timezne` in [business]: did you mean `timezone`?");
        assert_snapshot!(faults("[buisness]\nname = \"x\""), @"ringback.toml:1:2: unknown section [buisness]: did you mean [business]?");
        assert_snapshot!(faults("timezone = \"Europe/London\""), @"ringback.toml:1:1: unknown key `timezone` outside any section: it belongs in [business]");
        assert_snapshot!(faults("[business]\nlease = \"5m\""), @"ringback.toml:2:1: unknown key `lease` in [business]: it belongs in [claims]");
        assert_snapshot!(faults("[claims]\nqqq = 1"), @"ringback.toml:2:1: unknown key `qqq` in [claims]: known here are `lease`");
        assert_snapshot!(faults("[business.hours]\nmonday = []"), @"ringback.toml:2:1: unknown key `monday` in [business.hours]: did you mean `mon`?");
        assert_snapshot!(faults("[[routing.rule]]\nteir = \"B\"\nwhen = { intents = [\"pricing\"] }\nqueue = \"q\""), @r#"
        ringback.toml:1:1: [[routing.rule]] needs `tier`: add tier = "C"
        ringback.toml:2:1: unknown key `teir` in [[routing.rule]]: did you mean `tier`?
        ringback.toml:3:10: unknown key `intents` in `when` of [[routing.rule]]: did you mean `intent`?
        "#);
        assert_snapshot!(faults("[[teams]]\nname = \"x\""), @"ringback.toml:1:3: unknown section [teams]: did you mean [team]?");
        assert_snapshot!(faults("[server.limits]\nbody = 1"), @"ringback.toml:2:1: unknown key `body` in [server.limits]: did you mean `body_bytes`?");
    }

    #[test]
    fn values_of_the_wrong_kind_say_what_was_expected() {
        assert_snapshot!(faults(
            r#"
claims = 5
team = { name = "x" }
escalation = ["B"]
[business]
name = 5
closures = "2026-12-24"
hours = ["09:00-17:00"]
[server]
metrics = "yes"
listen = 7464
[server.limits]
body_bytes = 64.5
rep_per_second = 99999999999999999999
[dialling]
civil_hours = 8
retry = ["15m", 2]
"#
        ), @r#"
        ringback.toml:2:10: expected a table, as { key = … }, found a whole number
        ringback.toml:3:8: expected a list of sections: write [[team]]
        ringback.toml:4:15: expected a table, as { key = … }, found text
        ringback.toml:6:8: expected text in quotes, found a whole number
        ringback.toml:7:12: expected a list, as ["…", "…"], found text
        ringback.toml:8:9: expected a table, as { key = … }, found a list
        ringback.toml:10:11: expected true or false, found text
        ringback.toml:11:10: expected text in quotes, found a whole number
        ringback.toml:13:14: expected a whole number without quotes, found a fraction
        ringback.toml:14:18: this number is too large
        ringback.toml:16:15: expected text in quotes, found a whole number
        ringback.toml:17:17: expected text in quotes, found a whole number
        "#);
    }

    #[test]
    fn all_faults_in_the_meaning_are_told_together() {
        assert_snapshot!(faults(
            r##"
[business]
name = ""
timezone = "Europe/Lundon"
country = "UK"
bank_holidays = "wales"
bank_holidays_file = "nowhere.json"
closures = ["2026-02-30", "2026-12-24T10:00:00", 2026-12-24]
numbers = ["999", "+44 20 7946 0000"]
[business.hours]
mon = ["09:00-13:00", "12:30-17:00"]
tue = ["nine to five"]
wed = ["13:00-17:00", "09:00-12:00"]
thu = ["22:00-06:00"]
[server]
listen = "localhost"
public_url = "https://leads.example.co.uk?a=1"
[server.limits]
body_bytes = 5
max_connections = -1
[store]
url = "ringback.db"
[claims]
lease = "0s"
[clocks]
priority = "-5m"
standard = "1mo"
[dialling]
mode = "brigde"
countries = ["GB", "Ireland"]
civil_hours = "21:00-08:00"
retry = ["15m", "soon"]
[large_deal]
team_size = 0
[routing]
overrule_agent_tier = false
[[routing.rule]]
name = "first"
when = { intent = ["new_enquiries"], urgency = "very", team_size_min = -1 }
tier = "E"
[[team]]
members = ["priya"]
[[team]]
name = "sdr"
[[team]]
name = "sdr"
[[escalation]]
when = { after_opening = "15m", percent = 80 }
notify = ["supervisor"]
by = ["pigeon"]
[[escalation]]
when = { }
[[escalation]]
when = { after_due = "soon" }
notify = ["supervisor"]
by = ["sms"]
[twilio]
from = "anonymous"
base_url = "ftp://api.twilio.com"
[slack]
overnight_channel = "#a\nb"
[smtp]
url = "mail.example.co.uk"
from = "ringback"
[hubspot]
[[crm_webhook]]
url = "crm.example.co.uk"
[retention]
closed_leads = "1y"
"##
        ), @r#"
        ringback.toml:3:8: this is empty: give it a value or leave the key out
        ringback.toml:4:12: unknown time zone "Europe/Lundon": did you mean "Europe/London"?
        ringback.toml:5:11: the code of the United Kingdom is "GB", not "UK": write the two letters of ISO 3166, as "GB" or "IE"
        ringback.toml:6:17: "wales" is not known here: write "england-and-wales", "scotland", "northern-ireland" or "none"
        ringback.toml:7:22: nowhere.json cannot be read: No such file or directory (os error 2)
        ringback.toml:8:13: "2026-02-30" is not a date: write year, month and day, as "2026-12-24"
        ringback.toml:8:27: "2026-12-24T10:00:00" is not a date: write year, month and day, as "2026-12-24"
        ringback.toml:9:12: "999" is not a phone number (a short code or service, not a person's number): write it as "+442079460000"
        ringback.toml:11:7: 09:00-13:00 and 12:30-17:00 overlap: make them one interval, or let the second open when the first has closed
        ringback.toml:12:8: "nine to five" is not an interval: write opening and closing time as "09:00-17:30"
        ringback.toml:13:7: 13:00-17:00 stands before 09:00-12:00: write the earlier interval first
        ringback.toml:14:8: "22:00-06:00" closes before it opens: hours over midnight are two intervals, "22:00-24:00" on the one day and "00:00-06:00" on the next
        ringback.toml:16:10: "localhost" is not an address to listen on: write an IP address and a port, as "127.0.0.1:7464"
        ringback.toml:17:14: this URL has a query or a fragment, which would be lost: write one as "https://example.co.uk"
        ringback.toml:19:14: 5 is out of range: write a number from 4096 to 16777216
        ringback.toml:20:19: -1 is out of range: write a number from 16 to 1000000
        ringback.toml:22:7: this is not the URL of a store: write "sqlite:///var/lib/ringback/ringback.db" or "postgres://user:password@host/database"
        ringback.toml:24:9: "0s" is no time at all: write at least "1s"
        ringback.toml:26:12: "-5m" is negative: write a number and a unit, as "90s", "5m", "2h" or "1d"
        ringback.toml:27:12: "1mo" counts in more than days: write a number and a unit, as "90s", "5m", "2h" or "1d"
        ringback.toml:29:8: "brigde" is not known here: did you mean "bridge"?
        ringback.toml:30:20: "Ireland" is not a country: write the two letters of ISO 3166, as "GB" or "IE"
        ringback.toml:31:15: "21:00-08:00" closes before it opens: hours over midnight are two intervals, "21:00-24:00" on the one day and "00:00-08:00" on the next
        ringback.toml:32:17: "soon" is not a duration: write a number and a unit, as "90s", "5m", "2h" or "1d", or "next opening"
        ringback.toml:34:13: 0 is out of range: write a number from 1 to 1000000
        ringback.toml:37:1: [[routing.rule]] needs `queue`: add queue = "callbacks"
        ringback.toml:39:20: "new_enquiries" is not known here: did you mean "new_enquiry"?
        ringback.toml:39:48: "very" is not known here: write "urgent" or "normal"
        ringback.toml:39:72: -1 is out of range: write a number from 0 to 1000000
        ringback.toml:40:8: "E" is not a tier: write "A", "B", "C" or "D"
        ringback.toml:41:1: [[team]] needs `name`: add name = "team_sdr"
        ringback.toml:46:8: there are two teams "sdr": give each a name of its own
        ringback.toml:48:1: an escalation needs one condition: add when = { after_opening = "15m" }, or one of after_due, percent, closed_wait, queue_depth
        ringback.toml:50:7: "pigeon" is not known here: write "slack", "sms", "email" or "console"
        ringback.toml:51:1: [[escalation]] needs `by`: add by = ["console"]
        ringback.toml:51:1: [[escalation]] needs `notify`: add notify = ["supervisor"]
        ringback.toml:52:1: an escalation needs one condition: add when = { after_opening = "15m" }, or one of after_due, percent, closed_wait, queue_depth
        ringback.toml:54:22: "soon" is not a duration: write a number and a unit, as "90s", "5m", "2h" or "1d"
        ringback.toml:57:2: [twilio] needs `account_sid`: add account_sid = "AC…"
        ringback.toml:57:2: [twilio] needs `auth_token`: add auth_token = "…"
        ringback.toml:58:8: "anonymous" is not a phone number (the caller withheld the number): write it as "+442079460000"
        ringback.toml:59:12: a URL that begins with ftp: is not a web address: write one as "https://example.co.uk"
        ringback.toml:60:2: [slack] needs `bot_token`: add bot_token = "xoxb-…"
        ringback.toml:60:2: [slack] needs `signing_secret`: add signing_secret = "…"
        ringback.toml:61:21: this has a line break or another control character in it
        ringback.toml:63:7: this is not the URL of a mail server: write it as "smtps://user:pass@mail.example.co.uk"
        ringback.toml:64:8: "ringback" is not an e-mail address: write it as "ringback@example.co.uk"
        ringback.toml:65:2: [hubspot] needs `token`: add token = "…"
        ringback.toml:66:1: [[crm_webhook]] needs `secret`: add secret = "whsec_…"
        ringback.toml:67:7: this is not a URL (relative URL without a base): write one as "https://example.co.uk"
        ringback.toml:69:16: "1y" counts in more than days: write a number and a unit, as "90s", "5m", "2h" or "1d"
        "#);
    }

    #[test]
    fn what_is_allowed_and_probably_not_meant_is_a_warning() {
        assert_snapshot!(warnings(
            r#"
[business.hours]
[[routing.rule]]
name = "all"
tier = "C"
queue = "general"
owner = "team_sdrs"
[[routing.rule]]
tier = "B"
queue = "callbacks"
owner = "Morag"
[[team]]
name = "team_sdr"
[[escalation]]
when = { percent = 80 }
notify = ["supervisor", "supervisors", "Morag"]
by = ["console"]
[twilio]
account_sid = "SK1"
auth_token = "t"
from = "+442079460000"
"#
        ), @r#"
        ringback.toml:2:1: no day has opening hours, so every call counts as after hours and no clock ever starts
        ringback.toml:7:9: "team_sdrs" is no [[team]] of this configuration, so it must be a person: did you mean "team_sdr"?
        ringback.toml:8:1: rule "rule 2" is never reached: rule "all" before it has no conditions and takes every call
        ringback.toml:11:9: "Morag" is no [[team]] of this configuration, so it must be a person: add a [[team]] of this name, or see to it that `ringback rep list` shows the person
        ringback.toml:16:25: "supervisors" is taken for the name of a person: did you mean "supervisor"?
        ringback.toml:19:15: an account SID begins with AC: Twilio's console shows it above the token
        "#);
    }

    #[test]
    fn zones_are_suggested_by_likeness_and_by_their_city() {
        for (zone, hint) in [
            ("Europe/Lundon", "did you mean \"Europe/London\"?"),
            ("london", "did you mean \"Europe/London\"?"),
            ("Belfast", "did you mean \"Europe/Belfast\"?"),
            ("British time", "write a name of the IANA list, as \"Europe/London\""),
        ] {
            let shown = faults(&format!("[business]\ntimezone = {zone:?}"));
            assert_eq!(shown, format!("ringback.toml:2:12: unknown time zone {zone:?}: {hint}"));
        }
    }
}

mod files {
    use super::*;

    fn load(path: Option<&Path>, env: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::load(path, env.iter().map(|(name, value)| ((*name).into(), (*value).into())))
    }

    #[test]
    fn a_missing_default_file_means_defaults_and_a_missing_named_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        let config = load(None, &[("XDG_CONFIG_HOME", home)]).unwrap();
        assert_eq!(config.path, None);

        let missing = folder.path().join("r.toml");
        let by_option = load(Some(&missing), &[]).unwrap_err();
        let by_variable =
            load(None, &[("RINGBACK_CONFIG", missing.to_str().unwrap())]).unwrap_err();
        assert_eq!(by_option, by_variable);
        assert_snapshot!(by_option.to_string().replace(home, "DIR"), @"DIR/r.toml: there is no such file: name another one, or write a first one with `ringback init`");
        let folder_error = load(Some(folder.path()), &[]).unwrap_err();
        assert_snapshot!(folder_error.to_string().replace(home, "DIR"), @"DIR: cannot be read: Is a directory (os error 21)");
    }

    #[test]
    fn the_default_file_is_read_and_the_environment_laid_over_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ringback/ringback.toml");
        std::fs::create_dir(folder.path().join("ringback")).unwrap();
        std::fs::write(&path, "[business]\nname = \"Harbour\"\ncountry = \"IE\"").unwrap();
        let home = folder.path().to_str().unwrap();
        let env = [("XDG_CONFIG_HOME", home), ("RINGBACK_BUSINESS__NAME", "Vale")];
        let config = load(None, &env).unwrap();
        assert_eq!(
            (config.business.name.as_str(), config.business.country.as_str()),
            ("Vale", "IE")
        );
        assert_eq!(config.path, Some(path));
    }

    #[test]
    fn a_file_that_is_not_utf8_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.toml");
        std::fs::write(&path, b"# caf\xc3\xa9\nname = \"caf\xe9\"").unwrap();
        let shown = load(Some(&path), &[]).unwrap_err().to_string();
        assert!(shown.ends_with("r.toml:2:12: not UTF-8: save the file as UTF-8 text"), "{shown}");
    }

    #[test]
    fn a_bank_holiday_file_replaces_the_built_in_dates() {
        let folder = tempfile::tempdir().unwrap();
        let nation = r#"{"events": [{"title": "Coronation", "date": "2036-05-08"}]}"#;
        let json = format!(
            r#"{{"england-and-wales": {nation}, "scotland": {nation}, "northern-ireland": {nation}}}"#
        );
        std::fs::write(folder.path().join("holidays.json"), json).unwrap();
        let path = folder.path().join("ringback.toml");
        let config =
            Config::parse("[business]\nbank_holidays_file = \"holidays.json\"", &path).unwrap();
        assert_eq!(config.business.holidays, [date(2036, 5, 8)].into());
    }
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_variable_makes_the_reader_panic(
        text in "(\\[|\\]|business|server|team|when|name|=|\"|\\{|\\}|\n|1|\\.|,|[a-z]){0,40}",
        name in "RINGBACK_[A-Z_]{0,30}",
        value in "[\\[\\]{}\"=0-9a-z,]{0,20}",
    ) {
        let _ = with_env(&text, &[(&name, &value)]);
    }
}
