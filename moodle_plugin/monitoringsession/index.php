<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

/**
 * The monitoring sessions of a course.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

require(__DIR__ . '/../../config.php');

$course = get_course(required_param('id', PARAM_INT));
require_course_login($course);
$PAGE->set_pagelayout('incourse');
$PAGE->set_url('/mod/monitoringsession/index.php', ['id' => $course->id]);
$PAGE->set_title("$course->shortname: " . get_string('modulenameplural', 'mod_monitoringsession'));
$PAGE->set_heading($course->fullname);
\mod_monitoringsession\event\course_module_instance_list_viewed::create([
    'context' => context_course::instance($course->id),
])->trigger();

echo $OUTPUT->header();
echo $OUTPUT->heading(get_string('modulenameplural', 'mod_monitoringsession'));
$sessions = get_all_instances_in_course('monitoringsession', $course);
if (!$sessions) {
    echo $OUTPUT->notification(get_string('nosessions', 'mod_monitoringsession'), 'info', false);
    echo $OUTPUT->footer();
    exit;
}
$table = new html_table();
$table->attributes['class'] = 'generaltable table monitoringsession-cards';
$table->head = [
    get_string('number', 'mod_monitoringsession'),
    get_string('name'),
    get_string('kind', 'mod_monitoringsession'),
    get_string('opens', 'mod_monitoringsession'),
    get_string('due', 'mod_monitoringsession'),
];
$own = $DB->get_records_menu('monitoringsession_extension', ['userid' => $USER->id], '', 'monitoringsession, due');
usort($sessions, fn($one, $other) => [$one->number, $one->opens] <=> [$other->number, $other->opens]);
foreach ($sessions as $session) {
    $due = max((int)$session->due, (int)($own[$session->id] ?? 0));
    $cells = [
        $session->number,
        html_writer::link(
            new moodle_url('/mod/monitoringsession/view.php', ['id' => $session->coursemodule]),
            format_string($session->name),
            $session->visible ? [] : ['class' => 'dimmed']
        ),
        get_string("kind_$session->kind", 'mod_monitoringsession'),
        $session->opens ? userdate($session->opens, get_string('strftimedatetimeshort', 'langconfig')) : '–',
        $due ? userdate($due, get_string('strftimedatetimeshort', 'langconfig')) : '–',
    ];
    // On a phone every row is a card, whose cells say what they are.
    $table->data[] = array_map(function (string $text, string $label): html_table_cell {
        $cell = new html_table_cell($text);
        $cell->attributes['data-label'] = $label;
        return $cell;
    }, $cells, $table->head);
}
echo html_writer::table($table);
echo $OUTPUT->footer();
