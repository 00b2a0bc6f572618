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
 * What Moodle asks of every activity.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\calendar;
use mod_monitoringsession\local\documents;
use mod_monitoringsession\local\instance;
use mod_monitoringsession\local\reset;
use mod_monitoringsession\local\session;

/**
 * Which features of activities this one has.
 *
 * @param string $feature
 * @return mixed
 */
function monitoringsession_supports($feature) {
    switch ($feature) {
        case FEATURE_GROUPS:
        case FEATURE_GROUPINGS:
        case FEATURE_MOD_INTRO:
        case FEATURE_SHOW_DESCRIPTION:
        case FEATURE_BACKUP_MOODLE2:
        case FEATURE_COMPLETION_TRACKS_VIEWS:
        case FEATURE_COMPLETION_HAS_RULES:
            return true;
        case FEATURE_GRADE_HAS_GRADE:
        case FEATURE_GRADE_OUTCOMES:
            return false;
        case FEATURE_MOD_PURPOSE:
            return MOD_PURPOSE_ASSESSMENT;
    }
    // Moodle 5.1 lets an activity have further purposes.
    if (defined('FEATURE_MOD_OTHERPURPOSE') && $feature === FEATURE_MOD_OTHERPURPOSE) {
        return MOD_PURPOSE_COMMUNICATION;
    }
    return null;
}

/**
 * Makes a session.
 *
 * @param stdClass $data of the settings form, or a plain row
 * @param mod_monitoringsession_mod_form|null $mform
 * @return int id
 */
function monitoringsession_add_instance($data, $mform = null) {
    return instance::add($data);
}

/**
 * Changes a session.
 *
 * @param stdClass $data of the settings form
 * @param mod_monitoringsession_mod_form|null $mform
 * @return bool
 */
function monitoringsession_update_instance($data, $mform = null) {
    instance::update($data);
    return true;
}

/**
 * Deletes a session with everything in it.
 *
 * @param int $id
 * @return bool
 */
function monitoringsession_delete_instance($id) {
    return instance::delete((int)$id);
}

/**
 * What the course page needs to know of a session.
 *
 * @param stdClass $coursemodule
 * @return cached_cm_info|false
 */
function monitoringsession_get_coursemodule_info($coursemodule) {
    global $DB;
    $fields = 'id, name, intro, introformat, opens, due, kind, completionsubmit';
    $row = $DB->get_record('monitoringsession', ['id' => $coursemodule->instance], $fields);
    if (!$row) {
        return false;
    }
    $info = new cached_cm_info();
    $info->name = $row->name;
    if ($coursemodule->showdescription) {
        $info->content = format_module_intro('monitoringsession', $row, $coursemodule->id, false);
    }
    if ($coursemodule->completion == COMPLETION_TRACKING_AUTOMATIC) {
        $info->customdata['customcompletionrules']['completionsubmit'] = $row->completionsubmit;
    }
    $info->customdata['opens'] = $row->opens;
    $info->customdata['due'] = $row->due;
    return $info;
}

/**
 * Sentences about the completion rules in force.
 *
 * @param cm_info|stdClass $cm
 * @return string[]
 */
function mod_monitoringsession_get_completion_active_rule_descriptions($cm) {
    $active = !empty($cm->customdata['customcompletionrules']['completionsubmit']);
    if (!$active || $cm->completion != COMPLETION_TRACKING_AUTOMATIC) {
        return [];
    }
    return [get_string('completionsubmit', 'mod_monitoringsession')];
}

/**
 * Rewrites calendar events.
 *
 * @param int $courseid 0 = of all courses
 * @param int|stdClass|null $instance only of this session
 * @param stdClass|null $cm
 * @return bool
 */
function monitoringsession_refresh_events($courseid = 0, $instance = null, $cm = null) {
    global $DB;
    if ($instance !== null) {
        $id = is_object($instance) ? $instance->id : $instance;
        $rows = $DB->get_records('monitoringsession', ['id' => $id]);
    } else {
        $rows = $DB->get_records('monitoringsession', $courseid ? ['course' => $courseid] : null);
    }
    foreach ($rows as $row) {
        $module = $cm ?? get_coursemodule_from_instance('monitoringsession', $row->id, $row->course);
        calendar::write($row, (int)($module->id ?? 0));
    }
    return true;
}

/**
 * What to do about a deadline in the calendar.
 *
 * @param calendar_event $event
 * @param \core_calendar\action_factory $factory
 * @param int $userid
 * @return \core_calendar\local\event\entities\action_interface|null
 */
function mod_monitoringsession_core_calendar_provide_event_action(
    calendar_event $event,
    \core_calendar\action_factory $factory,
    $userid = 0
) {
    global $USER;
    return calendar::action($event, $factory, (int)($userid ?: $USER->id));
}

/**
 * File areas of the activity.
 *
 * Documents are not offered to the file picker or the file browser: who may open one is decided for each.
 *
 * @param stdClass $course
 * @param stdClass $cm
 * @param context $context
 * @return array
 */
function monitoringsession_get_file_areas($course, $cm, $context) {
    return [];
}

/**
 * Sends a document to those who may open it.
 *
 * @param stdClass $course
 * @param stdClass $cm
 * @param context $context
 * @param string $filearea
 * @param array $args
 * @param bool $forcedownload
 * @param array $options
 * @return bool false when there is nothing to send
 */
function monitoringsession_pluginfile($course, $cm, $context, $filearea, $args, $forcedownload, array $options = []) {
    global $DB, $USER;
    if ($context->contextlevel != CONTEXT_MODULE || $filearea !== documents::AREA) {
        return false;
    }
    require_course_login($course, true, $cm);
    require_capability('mod/monitoringsession:view', $context);
    $document = $DB->get_record('monitoringsession_document', [
        'id' => (int)array_shift($args),
        'monitoringsession' => $cm->instance,
    ]);
    if (!$document) {
        return false;
    }
    $session = session::of_cm((int)$cm->id);
    $submission = $DB->get_record('monitoringsession_submission', [
        'uuid' => $document->submission,
        'monitoringsession' => $cm->instance,
    ]) ?: null;
    if (!(new access($session, (int)$USER->id))->may_open($document, $submission)) {
        return false;
    }
    $file = documents::file($context, $document);
    if (!$file || end($args) !== $document->filename) {
        return false;
    }
    \mod_monitoringsession\event\document_viewed::of($session, $document, $submission)->trigger();
    // Private, and access may end at any time: not to be kept by caches.
    send_stored_file($file, 0, 0, $forcedownload, ['cacheability' => 'private'] + $options);
}

/**
 * Settings of a course reset.
 *
 * @param MoodleQuickForm $mform
 */
function monitoringsession_reset_course_form_definition(&$mform) {
    $mform->addElement('header', 'monitoringsessionheader', get_string('modulenameplural', 'mod_monitoringsession'));
    $mform->addElement('advcheckbox', 'reset_monitoringsession', get_string('resetsubmissions', 'mod_monitoringsession'));
}

/**
 * Defaults of a course reset.
 *
 * @param stdClass $course
 * @return array
 */
function monitoringsession_reset_course_form_defaults($course) {
    return ['reset_monitoringsession' => 1];
}

/**
 * Resets the sessions of a course: answers, documents and extensions go, dates move.
 *
 * @param stdClass $data
 * @return array what was done
 */
function monitoringsession_reset_userdata($data) {
    return reset::course($data);
}

/**
 * Adds the plan of monitoring sessions to the course's navigation.
 *
 * @param navigation_node $navigation
 * @param stdClass $course
 * @param context_course $context
 */
function mod_monitoringsession_extend_navigation_course($navigation, $course, $context) {
    if (has_capability('mod/monitoringsession:addinstance', $context)) {
        $navigation->add(
            get_string('plan', 'mod_monitoringsession'),
            new moodle_url('/mod/monitoringsession/plan.php', ['id' => $course->id]),
            navigation_node::TYPE_SETTING,
            null,
            'monitoringsessionplan',
            new pix_icon('i/calendar', '')
        );
    }
}

/**
 * Adds what a coordinator does with a session to its navigation.
 *
 * @param settings_navigation $settings
 * @param navigation_node $node
 */
function monitoringsession_extend_settings_navigation(settings_navigation $settings, navigation_node $node) {
    $page = $settings->get_page();
    if (has_capability('mod/monitoringsession:coordinate', $page->context)) {
        $node->add(
            get_string('extensions', 'mod_monitoringsession'),
            new moodle_url('/mod/monitoringsession/extension.php', ['id' => $page->cm->id]),
            navigation_node::TYPE_SETTING,
            null,
            'monitoringsessionextensions'
        );
    }
}

/**
 * Kinds of page for blocks.
 *
 * @param string $pagetype
 * @param stdClass $parentcontext
 * @param stdClass $currentcontext
 * @return array
 */
function monitoringsession_page_type_list($pagetype, $parentcontext, $currentcontext) {
    return ['mod-monitoringsession-*' => get_string('page-mod-monitoringsession-x', 'mod_monitoringsession')];
}
