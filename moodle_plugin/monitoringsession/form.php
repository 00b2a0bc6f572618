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
 * One form: fill in, save as a draft, review, submit.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\form\answer_form;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\answers;
use mod_monitoringsession\local\awaited;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\drafts;
use mod_monitoringsession\local\fields;
use mod_monitoringsession\local\problems;
use mod_monitoringsession\local\rules;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\local\submissions;
use mod_monitoringsession\local\texts;
use mod_monitoringsession\output\answer_sheet;

require(__DIR__ . '/../../config.php');

$id = required_param('id', PARAM_INT);
$instrument = required_param('instrument', PARAM_ALPHANUMEXT);
$group = optional_param('group', 0, PARAM_INT);
$step = optional_param('step', 'fill', PARAM_ALPHA);

$session = session::of_cm($id);
require_login($session->course, true, $session->cm);
$context = $session->context();
require_capability('mod/monitoringsession:view', $context);
$home = new moodle_url('/mod/monitoringsession/view.php', ['id' => $id]);
$url = new moodle_url('/mod/monitoringsession/form.php', ['id' => $id, 'instrument' => $instrument, 'group' => $group]);

$slot = slot::find($session, new access($session, (int)$USER->id), $instrument, $group);
if (!$slot) {
    redirect($home, get_string('errornoform', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_ERROR);
}
if (\core\session\manager::is_loggedinas()) {
    redirect($home, get_string('errorloggedinas', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_ERROR);
}
if (!$slot->fillable()) {
    $why = match (true) {
        $session->closed() => get_string('sessionclosed', 'mod_monitoringsession'),
        default => $slot->reason() ?: get_string('state_' . $slot->state(), 'mod_monitoringsession'),
    };
    redirect($home, s($why), null, \core\output\notification::NOTIFY_INFO);
}

$PAGE->set_url($url, $step === 'fill' ? [] : ['step' => $step]);
$PAGE->set_title($slot->definition->title() . ': ' . format_string($session->row->name));
$PAGE->set_heading($session->course->fullname);
$PAGE->set_activity_record($session->row);
$PAGE->activityheader->disable();
$PAGE->navbar->add($slot->definition->title(), $url);
$PAGE->set_secondary_active_tab('modulepage');
// The session must not time out while somebody thinks about an answer.
\core\session\manager::keepalive('sessionkeptalive', 'mod_monitoringsession');

if ($step === 'discard') {
    require_sesskey();
    drafts::discard($slot);
    redirect($home, get_string('draftdiscarded', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_SUCCESS);
}

if ($step === 'submit') {
    require_sesskey();
    $answers = answers::final($slot, $slot->answers());
    $revision = required_param('revision', PARAM_INT);
    if (!$slot->draft || $slot->draft->revision != $revision || rules::problems($slot, $slot->answers())) {
        redirect($url, get_string('errorchanged', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_WARNING);
    }
    if (!submissions::submit($slot, $revision, $answers)) {
        redirect($url, get_string('errorchanged', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_WARNING);
    }
    redirect($home, get_string('submitted', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_SUCCESS);
}

if ($step === 'review' && $slot->draft) {
    $sheet = new answer_sheet($slot->definition, answers::final($slot, $slot->answers()), $slot->personal, $slot->session);
    echo $OUTPUT->header();
    echo $OUTPUT->render_from_template('mod_monitoringsession/review', [
        'title' => $slot->definition->title(),
        'sheet' => $sheet->export_for_template($OUTPUT),
        'backurl' => $url->out(false),
        'action' => $url->out_omit_querystring(),
        'fields' => [
            ['name' => 'id', 'value' => $id],
            ['name' => 'instrument', 'value' => $instrument],
            ['name' => 'group', 'value' => $group],
            ['name' => 'step', 'value' => 'submit'],
            ['name' => 'revision', 'value' => $slot->draft->revision],
            ['name' => 'sesskey', 'value' => sesskey()],
        ],
        'again' => (bool)$slot->submission,
    ]);
    echo $OUTPUT->footer();
    exit;
}

$asked = $slot->submission ? problems::open((int)$slot->submission->id, problems::CORRECTION) : [];
$messages = [];
foreach ($asked['items'] ?? [] as $one) {
    $field = fields::name($one['item'], (int)($one['row'] ?? 0), (string)($one['column'] ?? ''));
    $messages[$field] = texts::pick($one['message'] ?? []);
}
$submitted = data_submitted() && confirm_sesskey() && optional_param('revision', -1, PARAM_INT) >= 0;
$form = new answer_form($PAGE->url->out_omit_querystring(), [
    'slot' => $slot,
    'answers' => $slot->answers(),
    'messages' => $submitted ? [] : $messages,
], 'post', '', ['id' => 'monitoringsession-answers']);
$form->set_data([
    'id' => $id,
    'instrument' => $instrument,
    'group' => $group,
    'revision' => (int)($slot->draft->revision ?? 0),
]);
if ($form->is_cancelled()) {
    redirect($home);
}
$notice = '';
if ($submitted && ($form->wants_draft() || $form->is_submitted())) {
    $valid = !$form->wants_draft() && $form->is_validated();
    $answers = $form->answers();
    $saved = $answers === null ? 0 : drafts::save($slot, $answers, required_param('revision', PARAM_INT));
    if ($saved && $form->wants_draft()) {
        redirect($home, get_string('draftsaved', 'mod_monitoringsession'), null, \core\output\notification::NOTIFY_SUCCESS);
    }
    if ($saved && $valid) {
        redirect(new moodle_url($url, ['step' => 'review']));
    }
    if ($saved) {
        // What was typed is safe although something is still missing.
        $form->saved_as($saved);
        $notice = get_string('somethingmissing', 'mod_monitoringsession', $form->problem_count());
    } else {
        $notice = get_string($answers === null ? 'errortoolarge' : 'errorothertab', 'mod_monitoringsession');
    }
}

$PAGE->requires->js_call_amd('mod_monitoringsession/answers', 'init', ['monitoringsession-answers']);
echo $OUTPUT->header();
echo $OUTPUT->render_from_template('mod_monitoringsession/form_top', [
    'title' => $slot->definition->title(),
    'intro' => $slot->definition->intro(),
    'due' => $slot->due() ? userdate($slot->due(), get_string('strftimedaydatetime', 'langconfig')) : '',
    'awaited' => $slot->definition->respondent() === 'coordinator' ? awaited::sentence($session, $slot) : '',
    'group' => $session->group_name($group),
    'notice' => $notice,
    'correction' => $asked && !$submitted ? texts::pick($asked['remedy'] ?? $asked['title'] ?? []) : '',
    'draftof' => $slot->draft ? userdate($slot->draft->timemodified, get_string('strftimedatetimeshort', 'langconfig')) : '',
    'discardurl' => $slot->draft && $slot->submission
        ? (new moodle_url($url, ['step' => 'discard', 'sesskey' => sesskey()]))->out(false) : '',
]);
$form->display();
echo $OUTPUT->footer();
