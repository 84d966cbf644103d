pub mod holidays;
pub mod hours;
