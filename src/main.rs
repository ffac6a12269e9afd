fn main() {
    luthier::runtime::prepare(None);
    let mut args = std::env::args().skip(1);
    let text = std::fs::read_to_string(args.next().expect("RUN.toml")).expect("run file");
    let mut settings = luthier::run::RunSettings::parse(&text).expect("settings");
    for pair in args {
        let (name, value) = pair.split_once('=').unwrap();
        settings.hyperparameters.set_text(name, value).unwrap();
    }
    let home = luthier::home::Home::from_env().unwrap();
    let mut session =
        luthier::session::Session::start(settings, &home, None, luthier::session::no_wake())
            .unwrap();
    while let Some(event) = session.next_event() {
        println!("{}", serde_json::to_string(&event).unwrap());
    }
}
