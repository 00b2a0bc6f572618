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
 * More time for single people.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\form\extension_form;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\extensions;
use mod_monitoringsession\local\people;
use mod_monitoringsession\local\session;

require(__DIR__ . '/../../config.php');

$id = required_param('id', PARAM_INT);
$session = session::of_cm($id);
require_login($session->course, true, $session->cm);
require_capability('mod/monitoringsession:coordinate', $session->context());
$home = new moodle_url('/mod/monitoringsession/view.php', ['id' => $id]);
$PAGE->set_url('/mod/monitoringsession/extension.php', ['id' => $id]);
$PAGE->set_title(get_string('extensions', 'mod_monitoringsession'));
$PAGE->set_heading($session->course->fullname);
$PAGE->activityheader->disable();

$people = people::of($session)->users;
$access = new access($session, (int)$USER->id);
if (!$access->coordinates_all()) {
    $people = array_filter($people, fn($user) => array_intersect($user->groups, $access->groups));
}
$form = new extension_form(null, [
    'id' => $id,
    'people' => array_map(fn($user) => s(fullname($user)), $people),
    'due' => (int)$session->row->due,
]);
if ($form->is_cancelled()) {
    redirect($home);
}
if ($data = $form->get_data()) {
    extensions::set($session, array_intersect($data->people, array_keys($people)), (int)$data->due);
    redirect($PAGE->url, get_string('changessaved'), null, \core\output\notification::NOTIFY_SUCCESS);
}
echo $OUTPUT->header();
echo $OUTPUT->heading(get_string('extensions', 'mod_monitoringsession'));
echo html_writer::tag('p', get_string('extensionsintro', 'mod_monitoringsession'));
$extensions = $DB->get_records('monitoringsession_extension', ['monitoringsession' => $session->row->id], 'due');
if ($extensions) {
    $table = new html_table();
    $table->head = [get_string('person', 'mod_monitoringsession'), get_string('due', 'mod_monitoringsession')];
    foreach ($extensions as $extension) {
        if (!isset($people[$extension->userid]) && !$access->coordinates_all()) {
            continue;
        }
        $name = isset($people[$extension->userid]) ? fullname($people[$extension->userid]) : '–';
        $table->data[] = [s($name), userdate($extension->due)];
    }
    echo html_writer::table($table);
}
$form->display();
echo $OUTPUT->footer();
