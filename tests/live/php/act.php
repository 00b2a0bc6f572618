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
        // Without the drawer, which covers the page when a window becomes narrow.
        set_user_preference('drawer-open-index', 0, $id);
        set_user_preference('drawer-open-block', 0, $id);
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
    'cast' => function () use ($in) {
        // A course with the groups and people of a scenario; answers name them by the scenario's numbers.
        global $DB;
        $course = create_course((object)[
            'fullname' => $in['name'], 'shortname' => 'live-' . bin2hex(random_bytes(4)), 'category' => 1, 'numsections' => 8,
            'enablecompletion' => 1, 'groupmode' => SEPARATEGROUPS, 'lang' => '',
        ]);
        $groups = [];
        foreach ($in['groups'] as $number => $name) {
            $groups[$number] = (int)groups_create_group((object)['courseid' => $course->id, 'name' => $name]);
        }
        return ['course' => (int)$course->id, 'groups' => $groups];
    },
    'enrol' => function () use ($in) {
        global $DB;
        $roles = ['mentee' => 'student', 'mentor' => 'teacher', 'coordinator' => 'editingteacher'];
        $enrol = enrol_get_plugin('manual');
        $instance = $DB->get_record('enrol', ['courseid' => $in['course'], 'enrol' => 'manual'], '*', MUST_EXIST);
        $people = [];
        foreach ($in['people'] as $one) {
            [$first, $last] = explode(' ', $one['name'], 2);
            $id = person($one['username'], $first, $last, $in['language']);
            $status = empty($one['left']) ? ENROL_USER_ACTIVE : ENROL_USER_SUSPENDED;
            $role = $DB->get_field('role', 'id', ['shortname' => $roles[$one['role']]]);
            $enrol->enrol_user($instance, $id, $role, $one['joined'] ?? 0, 0, $status);
            foreach ($one['groups'] as $group) {
                groups_add_member($group, $id);
            }
            $people[$one['id']] = $id;
        }
        return $people;
    },
    'submit' => function () use ($in) {
        // What form.php does with a form, for many people at once, at a given time.
        global $DB;
        $done = [];
        foreach ($in['forms'] as $form) {
            \core\session\manager::set_user(core_user::get_user($form['user']));
            $session = \mod_monitoringsession\local\session::of_cm($form['cmid']);
            $access = new \mod_monitoringsession\local\access($session, $form['user']);
            $find = fn() => \mod_monitoringsession\local\slot::find($session, $access, $form['instrument'], $form['group']);
            $slot = $find();
            if (!$slot || !$slot->fillable()) {
                throw new moodle_exception("{$form['instrument']} of {$form['user']}: " . ($slot ? $slot->personal->reason() : 'not offered'));
            }
            $answers = \mod_monitoringsession\local\answers::with_row_ids($slot, $form['answers'], $slot->personal);
            $revision = \mod_monitoringsession\local\drafts::save($slot, $answers, (int)($slot->draft->revision ?? 0));
            $slot = $find();
            $problems = \mod_monitoringsession\local\rules::problems($slot, $slot->answers());
            if ($problems && empty($in['unchecked'])) {
                throw new moodle_exception("{$form['instrument']} of {$form['user']}: " . json_encode($problems, JSON_UNESCAPED_UNICODE));
            }
            $final = \mod_monitoringsession\local\answers::final($slot, $slot->answers());
            $done[] = \mod_monitoringsession\local\submissions::submit($slot, $revision, $final)->uuid;
            $DB->set_field('monitoringsession_submission', 'timesubmitted', $form['at'], ['uuid' => end($done)]);
        }
        \mod_monitoringsession\local\outbox::drain();
        return $done;
    },
    'submitted_at' => function () use ($in) {
        // What was submitted in the browser belongs to another day in the scenario.
        global $DB;
        $DB->set_field('monitoringsession_submission', 'timesubmitted', $in['at'], [
            'monitoringsession' => $in['instance'], 'instrument' => $in['instrument'], 'groupid' => $in['group'], 'userid' => $in['user'],
        ]);
        return \mod_monitoringsession\local\outbox::drain();
    },
    'decide' => function () use ($in) {
        global $DB;
        $session = \mod_monitoringsession\local\session::of_cm($in['cmid']);
        $access = new \mod_monitoringsession\local\access($session, $in['user']);
        $signals = (new \mod_monitoringsession\output\summaries($session, $access))->decidable([$in['signal']]);
        \mod_monitoringsession\local\decisions::take($session, $signals, $in['decision'], $in['note'], $in['due'], $in['user']);
        $DB->set_field('monitoringsession_decision', 'timecreated', $in['at'], [
            'monitoringsession' => $session->row->id, 'signalid' => $in['signal'],
        ]);
        return \mod_monitoringsession\local\outbox::drain();
    },
    'close' => function () use ($in) {
        global $DB;
        \mod_monitoringsession\local\session::of_cm($in['cmid'])->close();
        $DB->set_field('monitoringsession', 'closed', $in['at'], ['uuid' => $in['session']]);
        return \mod_monitoringsession\local\outbox::drain();
    },
    'data_request' => function () use ($in) {
        // What a privacy officer approves: an export is written to a folder, a deletion is carried out.
        global $DB;
        $type = $in['delete'] ? \tool_dataprivacy\api::DATAREQUEST_TYPE_DELETE : \tool_dataprivacy\api::DATAREQUEST_TYPE_EXPORT;
        $request = \tool_dataprivacy\api::create_data_request($in['user'], $type, '', \tool_dataprivacy\data_request::DATAREQUEST_CREATION_MANUAL, false);
        \tool_dataprivacy\api::update_request_status($request->get('id'), \tool_dataprivacy\api::DATAREQUEST_STATUS_APPROVED, get_admin()->id);
        $task = new \tool_dataprivacy\task\process_data_request_task();
        $task->set_custom_data(['requestid' => $request->get('id')]);
        ob_start();
        $task->execute();
        ob_end_clean();
        \core\session\manager::set_user(get_admin());
        \mod_monitoringsession\local\outbox::drain();
        $status = (new \tool_dataprivacy\data_request($request->get('id')))->get('status');
        $files = get_file_storage()->get_area_files(
            context_user::instance($in['user'], IGNORE_MISSING)->id ?? 0,
            'tool_dataprivacy',
            'export',
            $request->get('id'),
            'id',
            false
        );
        foreach ($files as $file) {
            $file->extract_to_pathname(get_file_packer('application/zip'), $in['folder']);
        }
        return ['status' => $status, 'files' => count($files)];
    },
    'token' => function () use ($in) {
        // A token of the paired service for somebody else: Moodle itself refuses to make one.
        global $DB;
        $service = $DB->get_record('external_services', ['shortname' => 'monitoringsession_service'], '*', MUST_EXIST);
        $token = bin2hex(random_bytes(16));
        $DB->insert_record('external_tokens', (object)[
            'token' => $token, 'privatetoken' => random_string(64), 'tokentype' => EXTERNAL_TOKEN_PERMANENT, 'userid' => $in['user'],
            'externalserviceid' => $service->id, 'contextid' => context_system::instance()->id, 'creatorid' => get_admin()->id,
            'timecreated' => time(), 'validuntil' => 0, 'name' => 'careless',
        ]);
        return $token;
    },
    'without_token' => function () use ($in) {
        global $DB;
        return $DB->delete_records('external_tokens', ['token' => $in['token']]);
    },
    'left' => function () {
        // Whatever of the activity is anywhere in the database.
        global $DB;
        $left = array_values(preg_grep('/monitoringsession/', $DB->get_tables(false)));
        foreach (
            [
                'config_plugins' => 'plugin', 'modules' => 'name', 'files' => 'component', 'task_adhoc' => 'component',
                'task_scheduled' => 'component', 'capabilities' => 'component', 'role' => 'shortname', 'event' => 'modulename',
                'role_capabilities' => 'capability', 'external_functions' => 'component', 'external_services' => 'shortname',
                'events_handlers' => 'component', 'message_providers' => 'component',
                'tag_area' => 'component', 'grade_items' => 'itemmodule', 'external_services_functions' => 'functionname',
            ] as $table => $column
        ) {
            if ($DB->get_manager()->table_exists($table)) {
                foreach ($DB->get_records_select($table, $DB->sql_like($column, '?', false), ['%monitoringsession%']) as $row) {
                    $left[] = "$table: " . json_encode($row);
                }
            }
        }
        if ($DB->record_exists('user', ['username' => 'monitoringsession_service', 'deleted' => 0])) {
            $left[] = 'user';
        }
        $orphans = 'SELECT COUNT(1) FROM {course_modules} cm WHERE NOT EXISTS (SELECT 1 FROM {modules} m WHERE m.id = cm.module)';
        if ($DB->count_records_sql($orphans)) {
            $left[] = 'course_modules';
        }
        return $left;
    },
    'counts' => function () use ($in) {
        global $DB;
        return array_combine($in['tables'], array_map(fn($table) => $DB->count_records($table), $in['tables']));
    },
    'cm' => fn() => (int)get_coursemodule_from_instance('monitoringsession', $in['instance'], 0, false, MUST_EXIST)->id,
    'to_recycle_bin' => function () use ($in) {
        course_delete_module($in['cmid']);
        return true;
    },
    'from_recycle_bin' => function () use ($in) {
        $bin = new \tool_recyclebin\course_bin($in['course']);
        $items = $bin->get_items();
        $bin->restore_item(end($items));
        return count($items);
    },
    'no_tours' => function () {
        // Moodle's own tours lay themselves over the first pages of a new site.
        global $DB;
        $DB->set_field('tool_usertours_tours', 'enabled', 0);
        cache_helper::purge_all();
        return true;
    },
    'lose_hints' => function () {
        // As if the table had been emptied, or a backup from before them put back.
        global $DB;
        $lost = $DB->count_records('monitoringsession_outbox', ['state' => 'waiting']);
        $DB->delete_records('monitoringsession_outbox', ['state' => 'waiting']);
        return $lost;
    },
    'older_hints' => function () use ($in) {
        // What has just begun to wait has been waiting for a while.
        global $DB;
        $DB->execute("UPDATE {monitoringsession_outbox} SET timecreated = timecreated - ? WHERE state = 'waiting'", [$in['seconds']]);
        return true;
    },
    'setting' => function () use ($in) {
        foreach ($in as $name => $value) {
            set_config($name, $value);
        }
        return true;
    },
    'allow_uploads' => function () use ($in) {
        // Somebody meddles with the external service (its box "Can upload files"), and mends it.
        global $DB;
        $DB->set_field('external_services', 'uploadfiles', (int)$in['allow'], ['shortname' => 'monitoringsession_service']);
        return true;
    },
    'crowd' => function () use ($in) {
        // A course with groups of so many mentees and a mentor each, by as few queries as possible.
        global $CFG, $DB;
        $course = create_course((object)[
            'fullname' => $in['name'], 'shortname' => 'live-' . bin2hex(random_bytes(4)), 'category' => 1, 'numsections' => 2,
            'enablecompletion' => 1, 'groupmode' => SEPARATEGROUPS, 'lang' => '',
        ]);
        $contextid = context_course::instance($course->id)->id;
        $enrolid = $DB->get_field('enrol', 'id', ['courseid' => $course->id, 'enrol' => 'manual'], MUST_EXIST);
        $roles = $DB->get_records_menu('role', null, '', 'shortname, id');
        $tag = bin2hex(random_bytes(3));
        $names = ['Юлия', 'Петър', 'Ана', 'Щерю', 'Жана', 'Мария', 'Иван', 'Елена', 'Димитър', 'Невена'];
        $hash = hash_internal_user_password('Live-2026!', true);
        $enrol = function (array $usernames, string $role, int $groupid) use ($DB, $CFG, $contextid, $enrolid, $roles, $names, $hash) {
            $now = time();
            $DB->insert_records('user', array_map(fn($username, $index) => [
                'username' => $username, 'auth' => 'manual', 'confirmed' => 1, 'mnethostid' => $CFG->mnet_localhost_id,
                'password' => $hash, 'firstname' => $names[$index % 10], 'lastname' => 'Участник ' . $username,
                'email' => "$username@example.org", 'lang' => 'en', 'timecreated' => $now,
            ], $usernames, array_keys($usernames)));
            [$sql, $params] = $DB->get_in_or_equal($usernames);
            $ids = array_map('intval', $DB->get_fieldset_select('user', 'id', "username $sql ORDER BY id", $params));
            $each = fn(array $row) => array_map(fn($id) => ['userid' => $id] + $row, $ids);
            $DB->insert_records('user_enrolments', $each(['enrolid' => $enrolid, 'status' => 0, 'timecreated' => $now]));
            $DB->insert_records('role_assignments', $each([
                'roleid' => $roles[$role], 'contextid' => $contextid, 'timemodified' => $now]));
            if ($groupid) {
                $DB->insert_records('groups_members', $each(['groupid' => $groupid, 'timeadded' => $now]));
            }
            return array_map(fn($id, $username) => ['id' => $id, 'username' => $username], $ids, $usernames);
        };
        $groups = [];
        foreach (range(1, intdiv($in['mentees'], $in['group'])) as $number) {
            $groupid = (int)groups_create_group((object)['courseid' => $course->id, 'name' => "Група $number"]);
            $usernames = array_map(fn($index) => "m{$tag}_{$number}_$index", range(1, $in['group']));
            $groups[] = [
                'id' => $groupid,
                'mentees' => $enrol($usernames, 'student', $groupid),
                'mentor' => $enrol(["t{$tag}_$number"], 'teacher', $groupid)[0],
            ];
        }
        [$coordinator] = $enrol(["c$tag"], 'editingteacher', 0);
        purge_all_caches();
        return ['course' => (int)$course->id, 'groups' => $groups, 'coordinator' => $coordinator];
    },
    'deliver' => fn() => \mod_monitoringsession\local\outbox::drain(),
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
