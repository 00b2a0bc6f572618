<?php
// This file is part of Moodle Bridge, and runs inside a Moodle site under test.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Usage: php moodle_acts.php MOODLE_DIR ACT  with the arguments as JSON on standard input; prints JSON.
// Does what people do in a site, for the contract tests: the plugin has to be installed and paired there.

define('CLI_SCRIPT', true);
$directory = realpath($argv[1]);
$act = $argv[2];
$in = json_decode(stream_get_contents(STDIN), true) ?: [];
require($directory . '/config.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/course/modlib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->dirroot . '/user/lib.php');

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\drafts;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\local\submissions;
use mod_monitoringsession\local\versions;

const SHORTNAME = 'contract-tests';

\core\session\manager::set_user(get_admin());

/** The course of these tests with a mentee, a mentor and a coordinator, made when missing. */
function course(): stdClass {
    global $CFG, $DB;
    $course = $DB->get_record('course', ['shortname' => SHORTNAME]);
    if ($course) {
        return $course;
    }
    $course = create_course((object)[
        'fullname' => 'Е-менторинг (проба на договора)', 'shortname' => SHORTNAME, 'category' => 1,
        'numsections' => 1, 'groupmode' => SEPARATEGROUPS,
    ]);
    $group = groups_create_group((object)['courseid' => $course->id, 'name' => 'Група А']);
    groups_create_group((object)['courseid' => $course->id, 'name' => 'Група Б']);
    $enrol = enrol_get_plugin('manual');
    $instance = $DB->get_record('enrol', ['courseid' => $course->id, 'enrol' => 'manual'], '*', MUST_EXIST);
    foreach (['student' => 'Юлия Ангелова', 'teacher' => 'Петър Щерев', 'editingteacher' => 'Боян Яръмов'] as $role => $name) {
        [$first, $last] = explode(' ', $name);
        $username = 'contract-' . $role;
        $id = $DB->get_field('user', 'id', ['username' => $username, 'deleted' => 0]) ?: user_create_user((object)[
            'username' => $username, 'password' => 'Contract-2026!', 'firstname' => $first, 'lastname' => $last,
            'email' => "$username@example.org", 'auth' => 'manual', 'confirmed' => 1,
            'mnethostid' => $CFG->mnet_localhost_id,
        ], true, false);
        $enrol->enrol_user($instance, $id, $DB->get_field('role', 'id', ['shortname' => $role]));
        if ($role !== 'editingteacher') {
            groups_add_member($group, $id);
        }
    }
    return $course;
}

/** The form mentee_initial of the mentee of these tests. */
function form(string $uuid): slot {
    global $DB;
    $session = session::of_uuid($uuid);
    $mentee = (int)$DB->get_field('user', 'id', ['username' => 'contract-student', 'deleted' => 0], MUST_EXIST);
    $group = (int)array_key_first(groups_get_all_groups($session->course->id, $mentee));
    return slot::find($session, new access($session, $mentee), 'mentee_initial', $group)
        ?? throw new coding_exception('the mentee is not offered mentee_initial');
}

$acts = [
    'begin' => function () use ($in) {
        global $CFG, $DB;
        course();
        foreach ($in['definitions'] as $one) {
            definition::store($one);
        }
        $token = $DB->get_field_sql(
            "SELECT t.token FROM {external_tokens} t JOIN {external_services} s ON s.id = t.externalserviceid
              WHERE s.shortname = 'monitoringsession_service' ORDER BY t.id DESC",
            [],
            IGNORE_MULTIPLE
        );
        return ['url' => $CFG->wwwroot, 'token' => (string)$token];
    },
    'create_session' => function () {
        global $DB;
        $info = add_moduleinfo((object)[
            'modulename' => 'monitoringsession',
            'module' => $DB->get_field('modules', 'id', ['name' => 'monitoringsession']),
            'name' => 'Първоначална мониторинг сесия', 'section' => 1, 'visible' => 1, 'visibleoncoursepage' => 1,
            'cmidnumber' => '', 'groupmode' => SEPARATEGROUPS, 'groupingid' => 0, 'intro' => '',
            'introformat' => FORMAT_HTML, 'kind' => 'initial', 'number' => 1, 'opens' => time() - 60,
            'due' => time() + WEEKSECS, 'language' => 'bg', 'instruments' => 'mentee_initial', 'completion' => 0,
        ], course());
        return ['session' => $DB->get_field('monitoringsession', 'uuid', ['id' => $info->instance])];
    },
    'submit' => function () use ($in) {
        $slot = form($in['session']);
        $revision = drafts::save($slot, $in['answers'], (int)($slot->draft->revision ?? 0));
        return ['submission' => submissions::submit($slot, $revision, $in['answers'])->uuid];
    },
    'save_draft' => function () use ($in) {
        $slot = form($in['session']);
        return drafts::save($slot, $in['answers'], (int)($slot->draft->revision ?? 0));
    },
    'title_shown' => fn() => ['title' => form($in['session'])->definition->title()],
    'use_newest' => fn() => ['moved' => versions::use_newest(session::of_uuid($in['session']))],
    'close_session' => function () use ($in) {
        session::of_uuid($in['session'])->close();
        return true;
    },
    'delete_session' => function () use ($in) {
        course_delete_module(session::of_uuid($in['session'])->cm->id);
        return true;
    },
    'delete_submission' => function () use ($in) {
        global $DB;
        $row = $DB->get_record('monitoringsession_submission', ['uuid' => $in['submission']], '*', MUST_EXIST);
        $of = $DB->get_record('monitoringsession', ['id' => $row->monitoringsession], '*', MUST_EXIST);
        submissions::delete($of, [$row]);
        return true;
    },
];
echo "\n", json_encode($acts[$act](), JSON_UNESCAPED_UNICODE), "\n";
