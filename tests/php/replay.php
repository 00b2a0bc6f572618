<?php
// Runs cases through the plugin's pure classes, without Moodle: JSON lines [function, arguments] in, JSON lines out.
namespace mod_monitoringsession\local;

foreach (['dates', 'conditions', 'tidy', 'visibility'] as $class) {
    require(__DIR__ . "/../../moodle_plugin/monitoringsession/classes/local/$class.php");
}

$functions = [
    'conditions' => fn($tree, $scope) => conditions::holds($tree, $scope),
    'text' => fn($text, $lines) => tidy::text($text, $lines),
    'lengths' => fn($text, $lines, $limit) => tidy::excess($text, $lines, $limit),
    'numbers' => fn($text) => tidy::number($text),
    'days' => fn($text) => dates::parse($text) !== null,
    'variants' => fn(...$facts) => visibility::variant(...$facts),
    'rows' => fn($variant, $row) => visibility::row_reaches($variant, $row),
    'instead' => fn($variant, $carried) => visibility::instead($variant, $carried),
    'readers' => fn($variant, $readers) => visibility::shows($variant, $readers),
    'opens' => fn(...$facts) => visibility::opens(...$facts),
];
while (($line = fgets(STDIN)) !== false) {
    [$name, $arguments] = json_decode($line, true, 512, JSON_THROW_ON_ERROR);
    echo json_encode($functions[$name](...$arguments), JSON_THROW_ON_ERROR), "\n";
}
