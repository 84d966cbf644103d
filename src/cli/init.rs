//! `ringback init`.

use std::path::PathBuf;

use serde::Serialize;

use super::{
    failure::Failure,
    output,
    place::{self, DATABASE},
    rep, token,
};
use crate::{
    config::{Config, starter},
    domain::person::Role,
    store::StoreUrl,
};

/// Write a first configuration, and make the first supervisor's token
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ringback init                        in the XDG folders, where everything is found without options
  ringback init /srv/ringback          all in one folder
  ringback init --name 'Gwen Parry'    and call the supervisor by name")]
pub(super) struct Args {
    /// Folder for configuration and data [else the XDG folders]
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,

    /// The first supervisor's name
    #[arg(long, value_name = "NAME", default_value = "Supervisor")]
    name: String,

    /// Print one JSON object: {config, data, token_file, supervisor: {id, name, role, token}}
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Made {
    config: PathBuf,
    data: PathBuf,
    token_file: PathBuf,
    supervisor: rep::Added,
}

pub(super) fn run(args: Args) -> Result<(), Failure> {
    let config = match &args.dir {
        Some(folder) => folder.clone(),
        None => place::config_folder()?,
    };
    let in_one_folder = args.dir.is_some();
    let place = place::Place { config: None, data: args.dir };
    let data = place.data_folder()?;
    place::make_private_folder(&config)?;
    let (file, token_file) = (config.join("ringback.toml"), config.join(token::FILE));
    for path in [&file, &token_file, &data.join(DATABASE)] {
        if path.exists() {
            return Err(Failure::failed(format!(
                "{} is there already and is not overwritten: name another folder, or move it away",
                path.display()
            )));
        }
    }
    place::write_new_private(&file, starter())?;
    let policy = Config::parse(starter(), &file)?;
    let supervisor = super::block_on(async {
        let store = place::open(&StoreUrl::Sqlite(data.join(DATABASE)), &policy).await?;
        let person =
            rep::NewPerson { name: args.name, role: Role::Supervisor, ..Default::default() };
        let added = rep::add_to(store.as_ref(), person).await;
        store.close().await?;
        added
    })?;
    place::write_new_private(&token_file, &format!("{}\n", supervisor.token))?;
    let made = Made { config: file, data, token_file, supervisor };
    if args.json {
        return output::json(&made);
    }
    tell(&made, in_one_folder)
}

fn tell(made: &Made, in_one_folder: bool) -> Result<(), Failure> {
    let Made { config, data, token_file, supervisor } = made;
    let (options, token) = if in_one_folder {
        (
            format!(" --config {} --data {}", config.display(), data.display()),
            format!(" --token-file {}", token_file.display()),
        )
    } else {
        (String::new(), String::new())
    };
    output::line(format!(
        "configuration  {}\ndata           {}\nsupervisor     {} ({}), token {}, kept in {}\n\nNext:\n  \
         ringback serve{options}\n  ringback console{token}",
        config.display(),
        data.display(),
        supervisor.name,
        supervisor.id,
        supervisor.token,
        token_file.display(),
    ))
}
