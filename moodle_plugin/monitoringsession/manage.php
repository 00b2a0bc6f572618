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
 * What a coordinator does with a session: remind, close, reopen, use the newest forms, give back, retry.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\notifications;
use mod_monitoringsession\local\problems;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;
use mod_monitoringsession\local\versions;

require(__DIR__ . '/../../config.php');

$id = required_param('id', PARAM_INT);
$do = required_param('do', PARAM_ALPHA);
$session = session::of_cm($id);
require_login($session->course, true, $session->cm);
require_capability('mod/monitoringsession:coordinate', $session->context());
$home = new moodle_url('/mod/monitoringsession/view.php', ['id' => $id]);
$PAGE->set_url('/mod/monitoringsession/manage.php', ['id' => $id, 'do' => $do]);
if (!data_submitted()) {
    redirect($home);
}
require_sesskey();

$submission = null;
if (in_array($do, ['giveback', 'retry'])) {
    $submission = $DB->get_record('monitoringsession_submission', [
        'id' => required_param('submission', PARAM_INT),
        'monitoringsession' => $session->row->id,
    ], '*', MUST_EXIST);
    if ((new access($session, (int)$USER->id))->variant($submission) === '') {
        throw new moodle_exception('nopermissions', 'error', $home, get_string('view'));
    }
}
switch ($do) {
    case 'remind':
        $said = get_string('reminded', 'mod_monitoringsession', notifications::queue_reminders($session->row));
        break;
    case 'close':
        if (!optional_param('confirm', 0, PARAM_BOOL)) {
            $PAGE->set_title(get_string('closesession', 'mod_monitoringsession'));
            $PAGE->set_heading($session->course->fullname);
            echo $OUTPUT->header();
            echo $OUTPUT->confirm(
                get_string('closeconfirm', 'mod_monitoringsession'),
                new single_button(
                    new moodle_url($PAGE->url, ['confirm' => 1]),
                    get_string('closesession', 'mod_monitoringsession'),
                    'post',
                    single_button::BUTTON_PRIMARY
                ),
                $home
            );
            echo $OUTPUT->footer();
            exit;
        }
        $session->close();
        $said = get_string('sessionclosed', 'mod_monitoringsession');
        break;
    case 'reopen':
        $session->reopen();
        $said = get_string('sessionreopened', 'mod_monitoringsession');
        break;
    case 'usenewest':
        $said = get_string('newestused', 'mod_monitoringsession', versions::use_newest($session));
        break;
    case 'giveback':
        if (!submissions::reopen($session, $submission)) {
            redirect($home, get_string('notgivenback', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_WARNING);
        }
        notifications::queue('needscorrection', $submission);
        $said = get_string('givenback', 'mod_monitoringsession');
        break;
    case 'retry':
        problems::retry($session, $submission);
        $said = get_string('retrying', 'mod_monitoringsession');
        break;
    default:
        throw new moodle_exception('invalidparameter', 'debug');
}
redirect($home, $said, null, \core\output\notification::NOTIFY_SUCCESS);
