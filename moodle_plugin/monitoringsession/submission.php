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
 * One submission: its answers as far as the viewer may read them, its documents and its other versions.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\session;
use mod_monitoringsession\output\submission_page;

require(__DIR__ . '/../../config.php');

$id = required_param('id', PARAM_INT);
$session = session::of_cm($id);
require_login($session->course, true, $session->cm);
require_capability('mod/monitoringsession:view', $session->context());
$submission = $DB->get_record('monitoringsession_submission', [
    'id' => required_param('submission', PARAM_INT),
    'monitoringsession' => $session->row->id,
]);
$access = new access($session, (int)$USER->id);
$variant = $submission ? $access->variant($submission) : '';
if ($variant === '') {
    $home = new moodle_url('/mod/monitoringsession/view.php', ['id' => $id]);
    throw new moodle_exception('errornosubmission', 'mod_monitoringsession', $home);
}
$definition = definition::of_submission($submission);
$title = definition::title_of($submission);

$PAGE->set_url('/mod/monitoringsession/submission.php', ['id' => $id, 'submission' => $submission->id]);
$PAGE->set_title($title . ': ' . format_string($session->row->name));
$PAGE->set_heading($session->course->fullname);
$PAGE->set_activity_record($session->row);
$PAGE->activityheader->disable();
$PAGE->navbar->add($title);
$PAGE->set_secondary_active_tab('modulepage');

$page = new submission_page($session, $access, $submission, $definition, $variant);
\mod_monitoringsession\event\submission_viewed::of($session, $submission, $variant)->trigger();
echo $OUTPUT->header();
echo $OUTPUT->render_from_template('mod_monitoringsession/submission_page', $page->export_for_template($OUTPUT));
echo $OUTPUT->footer();
