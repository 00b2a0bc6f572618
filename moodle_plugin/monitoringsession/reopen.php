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
 * Opens a closed session again, for those who are named.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\form\reopen_form;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\notifications;
use mod_monitoringsession\local\people;
use mod_monitoringsession\local\session;

require(__DIR__ . '/../../config.php');

$id = required_param('id', PARAM_INT);
$session = session::of_cm($id);
require_login($session->course, true, $session->cm);
require_capability('mod/monitoringsession:coordinate', $session->context());
$home = notifications::home($session);
if (!$session->closed()) {
    redirect($home);
}
$PAGE->set_url('/mod/monitoringsession/reopen.php', ['id' => $id]);
$PAGE->set_title(get_string('reopensession', 'mod_monitoringsession'));
$PAGE->set_heading($session->course->fullname);
$PAGE->activityheader->disable();

$access = new access($session, (int)$USER->id);
$people = array_filter(people::of($session)->users, fn($user) => array_intersect($user->roles, ['mentee', 'mentor'])
    && ($access->coordinates_all() || array_intersect($user->groups, $access->groups)));
$form = new reopen_form(null, [
    'id' => $id, 'people' => array_map(fn($user) => s(fullname($user)), $people), 'all' => $access->coordinates_all(),
]);
if ($form->is_cancelled()) {
    redirect($home);
}
if ($data = $form->get_data()) {
    $all = $data->whom === 'all' && $access->coordinates_all();
    $session->reopen($all ? [] : array_values(array_intersect($data->people, array_keys($people))));
    redirect($home, get_string('sessionreopened', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_SUCCESS);
}
echo $OUTPUT->header();
echo $OUTPUT->heading(get_string('reopensession', 'mod_monitoringsession'));
echo html_writer::tag('p', get_string('reopenintro', 'mod_monitoringsession'));
$form->display();
echo $OUTPUT->footer();
