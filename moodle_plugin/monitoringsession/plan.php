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
 * The plan of the monitoring sessions of a course.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\form\plan_dates_form;
use mod_monitoringsession\form\plan_form;
use mod_monitoringsession\local\dates;
use mod_monitoringsession\local\plan;
use mod_monitoringsession\local\texts;

require(__DIR__ . '/../../config.php');

$course = get_course(required_param('id', PARAM_INT));
$step = optional_param('step', '', PARAM_ALPHA);
require_login($course);
$context = context_course::instance($course->id);
require_capability('moodle/course:manageactivities', $context);
require_capability('mod/monitoringsession:addinstance', $context);

$url = new moodle_url('/mod/monitoringsession/plan.php', ['id' => $course->id]);
$PAGE->set_url($url);
$PAGE->set_pagelayout('incourse');
$PAGE->set_title(get_string('plan', 'mod_monitoringsession'));
$PAGE->set_heading($course->fullname);

$existing = plan::existing((int)$course->id);
$form = new plan_form($url, ['id' => $course->id]);
$stored = plan::of((int)$course->id);
$form->set_data($stored ? ['id' => $course->id] + (array)$stored : [
    'startdate' => dates::day(time()),
    'enddate' => dates::day($course->enddate ?: strtotime('+6 months')),
    'language' => texts::language($course->lang ?: current_language()),
]);
$second = null;
$silent = false;
$notes = [];
if ($form->is_cancelled()) {
    redirect(course_get_url($course));
}
if ($step === 'dates' && ($data = $form->get_data())) {
    plan::remember((int)$course->id, $data);
    $proposed = plan::propose($data);
    $silent = $proposed === null;
    // Without the service, the dates are typed; start and end are known.
    [$days, $notes] = $proposed ?? [[[$data->startdate, ''], [$data->enddate, '']], []];
    $second = new plan_dates_form($url, [
        'id' => $course->id,
        'language' => $data->language,
        'count' => count($days),
        'spare' => $silent ? plan_dates_form::TYPED : plan_dates_form::SPARE,
        'existing' => $existing,
    ]);
    $fields = [];
    foreach ($days as $index => [$date, $due]) {
        $fields['date' . ($index + 1)] = $date;
        $fields['due' . ($index + 1)] = $due;
    }
    $second->set_data($fields);
} else if ($step === 'apply') {
    $second = new plan_dates_form($url, [
        'id' => $course->id,
        'language' => optional_param('language', 'en', PARAM_ALPHA),
        'count' => min(plan::MOST, optional_param('count', 2, PARAM_INT)),
        'spare' => min(plan::MOST, optional_param('spare', plan_dates_form::SPARE, PARAM_INT)),
        'existing' => $existing,
    ]);
    if ($second->is_cancelled()) {
        redirect($url);
    }
    if ($data = $second->get_data()) {
        $done = plan::apply($course, $second->days($data), texts::language($data->language));
        redirect(
            course_get_url($course),
            get_string('plandone', 'mod_monitoringsession', (object)$done),
            null,
            \core\output\notification::NOTIFY_SUCCESS
        );
    }
}

echo $OUTPUT->header();
echo $OUTPUT->heading(get_string('plan', 'mod_monitoringsession'));
if ($second) {
    echo html_writer::tag('p', get_string('plandatesintro', 'mod_monitoringsession'));
    if ($silent) {
        echo $OUTPUT->notification(get_string('plansilent', 'mod_monitoringsession'), 'warning', false);
    }
    foreach ($notes as $note) {
        echo $OUTPUT->notification(s($note), 'info', false);
    }
    $second->display();
} else {
    echo html_writer::tag('p', get_string('planintro', 'mod_monitoringsession'));
    if (!$existing && !plan::has_groups((int)$course->id)) {
        echo $OUTPUT->notification(get_string('plannogroups', 'mod_monitoringsession'), 'info', false);
    }
    $form->display();
}
echo $OUTPUT->footer();
