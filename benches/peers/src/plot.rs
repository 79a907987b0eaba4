//! Nanoseconds for each decision against the number of statements, both axes logarithmic.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::Column;

const COLORS: [RGBColor; 8] = [
    RGBColor(120, 120, 120),
    RGBColor(200, 30, 30),
    RGBColor(230, 140, 0),
    RGBColor(150, 110, 60),
    RGBColor(0, 110, 180),
    RGBColor(0, 150, 110),
    RGBColor(130, 60, 170),
    RGBColor(220, 80, 160),
];

/// Draws a file in SVG.
pub fn draw(file: &Path, columns: &[Column]) -> Result<(), Box<dyn Error>> {
    let speeds = || columns.iter().flat_map(|column| column.speeds.iter().map(|(_, speed)| *speed));
    let sizes = || columns.iter().map(|column| column.statements as f64);
    let (least, most) = (speeds().fold(f64::MAX, f64::min), speeds().fold(1.0, f64::max));
    let (first, last) = (sizes().fold(f64::MAX, f64::min), sizes().fold(1.0, f64::max));

    let area = SVGBackend::new(file, (860, 520)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(75)
        // Room on the right for the names at the lines' ends.
        .build_cartesian_2d((first..last * 12.0).log_scale(), (least / 2.0..most * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("statements")
        .y_desc("nanoseconds for each decision")
        .x_label_formatter(&|value| format!("{value:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .light_line_style(TRANSPARENT)
        .draw()?;
    let engines = columns.first().map_or(0, |column| column.speeds.len());
    for (engine, color) in (0..engines).zip(COLORS) {
        let points: Vec<_> = columns.iter().map(|column| (column.statements as f64, column.speeds[engine].1)).collect();
        chart.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?;
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, color.filled())))?;
    }
    // A name at the end of each line, moved up where it would stand on another.
    let gap = (4.0 * most / least).powf(14.0 / 445.0);
    let mut ends: Vec<_> = columns.last().map(|column| column.speeds.iter().zip(COLORS).collect()).unwrap_or_default();
    ends.sort_by(|((_, one), _), ((_, other), _)| one.total_cmp(other));
    let mut free = 0.0;
    for ((name, speed), color) in ends {
        let height = speed.max(free);
        free = height * gap;
        let style = ("sans-serif", 14).into_font().color(&color);
        chart.draw_series([EmptyElement::at((last, height)) + Text::new(*name, (10, -7), style)])?;
    }
    area.present()?;
    Ok(())
}
