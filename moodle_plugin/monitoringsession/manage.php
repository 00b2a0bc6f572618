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
 * What a coordinator does with a session by one button: close, use the newest forms, give back, retry.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\dates;
use mod_monitoringsession\local\decisions;
use mod_monitoringsession\local\notifications;
use mod_monitoringsession\local\problems;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\local\submissions;
use mod_monitoringsession\local\versions;
use mod_monitoringsession\output\group_choice;
use mod_monitoringsession\output\summaries;

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
if (in_array($do, ['giveback', 'retry', 'renew'])) {
    $submission = $DB->get_record('monitoringsession_submission', [
        'id' => required_param('submission', PARAM_INT),
        'monitoringsession' => $session->row->id,
    ], '*', MUST_EXIST);
    if ((new access($session, (int)$USER->id))->variant($submission) === '') {
        throw new moodle_exception('nopermissions', 'error', $home, get_string('view'));
    }
}
switch ($do) {
    case 'decide':
    case 'settleall':
        $code = $do === 'settleall' ? decisions::SETTLED : required_param('decision', PARAM_ALPHA);
        $note = required_param('note', PARAM_TEXT);
        $day = optional_param('due', '', PARAM_RAW);
        $wanted = $do === 'settleall' ? required_param_array('signals', PARAM_RAW) : [required_param('signal', PARAM_RAW)];
        // Only what this coordinator is shown as one, and nothing else can be decided on.
        $access = new access($session, (int)$USER->id);
        $shown = new summaries($session, $access, (new group_choice($session, $access))->group);
        $signals = $shown->decidable($wanted);
        $due = dates::parse($day) ? dates::moment($day, '12:00') : 0;
        $error = match (true) {
            !$signals || !in_array($code, decisions::CODES) => get_string('errorsignalgone', 'mod_monitoringsession'),
            $code === decisions::MEASURE && !$due => get_string('errordecisiondue', 'mod_monitoringsession'),
            $do === 'settleall' && trim($note) === '' => get_string('errorsettlereason', 'mod_monitoringsession'),
            default => '',
        };
        $anchor = $do === 'decide' ? 'monitoringsession-' . substr(sha1($wanted[0]), 0, 10) : 'monitoringsession-signals';
        $home->set_anchor($anchor);
        if ($error !== '') {
            $SESSION->monitoringsession_refused = (object)[
                'signal' => $wanted[0], 'decision' => $code, 'note' => $note, 'due' => $day, 'error' => $error,
            ];
            redirect($home, $error, null, \core\output\notification::NOTIFY_ERROR);
        }
        decisions::take($session, $signals, $code, $note, $due, (int)$USER->id);
        $said = get_string('decisionsaved', 'mod_monitoringsession');
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
    case 'renew':
        $access = new access($session, (int)$USER->id);
        $slot = (int)$submission->userid === (int)$USER->id
            ? slot::find($session, $access, $submission->instrument, (int)$submission->groupid) : null;
        if (!$slot || !submissions::renew($slot)) {
            $open = $slot && $slot->fillable();
            redirect(
                $open ? new moodle_url('/mod/monitoringsession/form.php', [
                    'id' => $id, 'instrument' => $submission->instrument, 'group' => $submission->groupid,
                ]) : $home,
                get_string($open ? 'neweditionasks' : 'neweditionclosed', 'mod_monitoringsession'),
                null,
                \core\output\notification::NOTIFY_WARNING
            );
        }
        $said = get_string('neweditionmade', 'mod_monitoringsession');
        break;
    case 'retry':
        problems::retry($session, $submission);
        $said = get_string('retrying', 'mod_monitoringsession');
        break;
    default:
        throw new moodle_exception('invalidparameter', 'debug');
}
redirect($home, $said, null, \core\output\notification::NOTIFY_SUCCESS);
