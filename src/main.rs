use std::process::ExitCode;

fn main() -> ExitCode {
    luthier::runtime::prepare(luthier::ui::wanted_threads());
    match luthier::ui::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("luthier: {fault}");
            ExitCode::FAILURE
        }
    }
}
