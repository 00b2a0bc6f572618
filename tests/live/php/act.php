<?php
// This file is part of Moodle Bridge, and runs inside a Moodle site under test.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Usage: php act.php CONFIG ACTION  with the arguments as JSON on standard input; prints JSON.
// It does by Moodle's own functions what an administrator or a teacher does in pages that are not ours.

define('CLI_SCRIPT', true);
$config = realpath($argv[1]);
$action = $argv[2];
$in = json_decode(stream_get_contents(STDIN), true) ?: [];
require($config);
require_once($CFG->libdir . '/adminlib.php');
require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/course/modlib.php');
require_once($CFG->dirroot . '/group/lib.php');
require_once($CFG->dirroot . '/user/lib.php');
\core\session\manager::set_user(get_admin());

/** A user of the cast, made when missing. */
function person(string $username, string $first, string $last, string $lang): int {
    global $CFG, $DB;
    $id = $DB->get_field('user', 'id', ['username' => $username, 'deleted' => 0]);
    if (!$id) {
        $id = user_create_user((object)[
            'username' => $username, 'password' => 'Live-2026!', 'firstname' => $first, 'lastname' => $last, 'lang' => $lang,
            'email' => "$username@example.org", 'auth' => 'manual', 'confirmed' => 1, 'mnethostid' => $CFG->mnet_localhost_id,
        ], true, false);
    }
    return (int)$id;
}

$actions = [
    'about' => fn() => ['release' => $CFG->release, 'wwwroot' => $CFG->wwwroot, 'version' => (int)$CFG->branch],
    'course' => function () use ($in) {
        global $DB;
        $language = $in['language'] ?? 'en';
        $course = create_course((object)[
            'fullname' => $in['name'], 'shortname' => 'live-' . bin2hex(random_bytes(4)), 'category' => 1, 'numsections' => 4,
            'enablecompletion' => 1, 'groupmode' => SEPARATEGROUPS, 'lang' => '',
        ]);
        $tag = bin2hex(random_bytes(3));
        $cast = [
            'mentee' => ['student', 'Юлия', 'Ангелова', 'А'], 'mentee2' => ['student', 'Петър', 'Иванов', 'А'],
            'mentee3' => ['student', 'Мария', 'Колева', 'Б'], 'mentor' => ['teacher', 'Димитър', 'Стоянов', 'А'],
            'mentor2' => ['teacher', 'Елена', 'Русева', 'Б'], 'coordinator' => ['editingteacher', 'Иван', 'Петров', ''],
        ];
        $groups = [];
        foreach (['А', 'Б'] as $name) {
            $groups[$name] = (int)groups_create_group((object)['courseid' => $course->id, 'name' => "Група $name"]);
        }
        $people = [];
        $enrol = enrol_get_plugin('manual');
        $instance = $DB->get_record('enrol', ['courseid' => $course->id, 'enrol' => 'manual'], '*', MUST_EXIST);
        foreach ($cast as $role => [$moodlerole, $first, $last, $group]) {
            $id = person("{$role}_$tag", $first, $last, $language);
            $enrol->enrol_user($instance, $id, $DB->get_field('role', 'id', ['shortname' => $moodlerole]));
            if ($group) {
                groups_add_member($groups[$group], $id);
            }
            $people[$role] = ['id' => $id, 'username' => "{$role}_$tag"];
        }
        return ['course' => (int)$course->id, 'people' => $people, 'groups' => $groups];
    },
    'session' => function () use ($in) {
        global $DB;
        $info = (object)($in + [
            'modulename' => 'monitoringsession', 'module' => $DB->get_field('modules', 'id', ['name' => 'monitoringsession']),
            'section' => 1, 'visible' => 1, 'visibleoncoursepage' => 1, 'cmidnumber' => '', 'groupmode' => SEPARATEGROUPS, 'groupingid' => 0,
            'intro' => '', 'introformat' => FORMAT_HTML, 'kind' => 'initial', 'number' => 1, 'opens' => time() - 60,
            'due' => time() + WEEKSECS, 'language' => 'en', 'instruments' => '', 'completion' => 2, 'completionsubmit' => 1,
        ]);
        $info = add_moduleinfo($info, get_course($in['course']));
        $row = $DB->get_record('monitoringsession', ['id' => $info->instance]);
        return ['cmid' => (int)$info->coursemodule, 'uuid' => $row->uuid, 'instance' => (int)$row->id];
    },
    'rows' => function () use ($in) {
        global $DB;
        return array_values($DB->get_records($in['table'], $in['where'] ?? null, 'id'));
    },
    'config' => function () use ($in) {
        foreach ($in as $name => $value) {
            $value === null ? unset_config($name, 'mod_monitoringsession') : set_config($name, $value, 'mod_monitoringsession');
        }
        return true;
    },
    'definitions' => function () use ($in) {
        foreach ($in['definitions'] as $one) {
            \mod_monitoringsession\local\definition::store($one);
        }
        \mod_monitoringsession\local\definition::give_to_sessions_without();
        return true;
    },
];
echo json_encode($actions[$action]() ?? null, JSON_UNESCAPED_UNICODE), "\n";
