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
 * The page of a session, by role.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\session;
use mod_monitoringsession\output\session_page;

require(__DIR__ . '/../../config.php');
require_once($CFG->libdir . '/completionlib.php');

$session = session::of_cm(required_param('id', PARAM_INT));
require_login($session->course, true, $session->cm);
$context = $session->context();
require_capability('mod/monitoringsession:view', $context);

$PAGE->set_url('/mod/monitoringsession/view.php', ['id' => $session->cm->id]);
$PAGE->set_title($session->shown($session->course->shortname) . ': ' . $session->shown($session->row->name));
$PAGE->set_heading($session->course->fullname);
$PAGE->set_activity_record($session->row);

$event = \mod_monitoringsession\event\course_module_viewed::create(['objectid' => $session->row->id, 'context' => $context]);
$event->add_record_snapshot('monitoringsession', $session->row);
$event->trigger();
(new completion_info($session->course))->set_module_viewed($session->cm);

$page = new session_page($session, new access($session, (int)$USER->id));
$PAGE->requires->js_call_amd('mod_monitoringsession/arrival', 'init', ['monitoringsession-own', (int)$session->cm->id]);
echo $OUTPUT->header();
echo $OUTPUT->render_from_template('mod_monitoringsession/session_page', $page->export_for_template($OUTPUT));
echo $OUTPUT->footer();
