use std::process::ExitCode;

fn main() -> ExitCode {
    match luthier::ui::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("luthier: {fault}");
            ExitCode::FAILURE
        }
    }
}
