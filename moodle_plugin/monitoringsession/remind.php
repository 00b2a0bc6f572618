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
 * Reminds chosen people of their forms, in the coordinator's own words.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\form\reminder_form;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\notifications;
use mod_monitoringsession\local\session;

require(__DIR__ . '/../../config.php');

$id = required_param('id', PARAM_INT);
$session = session::of_cm($id);
require_login($session->course, true, $session->cm);
require_capability('mod/monitoringsession:coordinate', $session->context());
$home = notifications::home($session);
$PAGE->set_url('/mod/monitoringsession/remind.php', ['id' => $id]);
$PAGE->set_title(get_string('sendreminders', 'mod_monitoringsession'));
$PAGE->set_heading($session->course->fullname);
$PAGE->activityheader->disable();

$access = new access($session, (int)$USER->id);
$people = [];
foreach (notifications::missing($session) as $userid => $forms) {
    $groups = array_column($forms, 'group');
    if ($access->coordinates_all() || array_intersect($groups, $access->groups)) {
        $titles = implode(', ', array_unique(array_column($forms, 'title')));
        $people[$userid] = fullname(core_user::get_user($userid)) . " – $titles";
    }
}
$form = new reminder_form(null, ['id' => $id, 'people' => $people]);
if ($form->is_cancelled()) {
    redirect($home);
}
if ($data = $form->get_data()) {
    $chosen = array_intersect(reminder_form::chosen($data), array_keys($people));
    $count = notifications::queue_reminders($session, $chosen, (string)$data->text, (int)$USER->id);
    $said = get_string('reminded', 'mod_monitoringsession', $count);
    redirect($home, $said, null, \core\output\notification::NOTIFY_SUCCESS);
}
echo $OUTPUT->header();
echo $OUTPUT->heading(get_string('sendreminders', 'mod_monitoringsession'));
if ($people) {
    $form->display();
} else {
    echo $OUTPUT->notification(get_string('nobodymissing', 'mod_monitoringsession'), 'info', false);
    echo $OUTPUT->continue_button($home);
}
echo $OUTPUT->footer();
