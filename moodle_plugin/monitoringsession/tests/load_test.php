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

namespace mod_monitoringsession;

use mod_monitoringsession\completion\custom_completion;
use mod_monitoringsession\form\answer_form;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\plan;
use mod_monitoringsession\local\restored;
use mod_monitoringsession\local\service;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\output\session_page;

/**
 * Pages and web services take as many queries for hundreds of people as for a handful.
 *
 * MONITORINGSESSION_PEOPLE sets how many mentees there are in the end (200); with MONITORINGSESSION_FIGURES a file gets what
 * each step took: queries, database writes, milliseconds.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\output\session_page
 * @covers     \mod_monitoringsession\local\grid
 * @covers     \mod_monitoringsession\local\people
 * @covers     \mod_monitoringsession\local\slot
 * @covers     \mod_monitoringsession\local\pushed
 */
final class load_test extends \advanced_testcase {
    /** @var int sessions of the process */
    private const SESSIONS = 10;

    /** @var int people of a group */
    private const GROUP = 10;

    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /** @var int[] mentees */
    private array $mentees = [];

    /** @var int[] mentors by group */
    private array $mentors = [];

    /** @var session[] */
    private array $sessions = [];

    /**
     * A process with its sessions.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world(['completion' => COMPLETION_TRACKING_AUTOMATIC, 'completionsubmit' => 1]);
        $this->sessions = [$this->world->session];
        for ($number = 2; $number <= self::SESSIONS; $number++) {
            $record = ['course' => $this->world->course->id, 'number' => $number, 'kind' => 'interim', 'planned' => 1];
            $this->sessions[] = session::of_cm((int)$this->generator->create_instance($record)->cmid);
        }
    }

    /**
     * Lets the course grow to so many mentees, ten to a group with a mentor, all of whom have submitted everywhere.
     *
     * @param int $count
     */
    private function grow(int $count): void {
        global $DB;
        $fresh = [];
        $mentors = [];
        $roles = $DB->get_records_menu('role', null, '', 'shortname, id');
        while (count($this->mentees) < $count) {
            $group = (int)$this->getDataGenerator()->create_group(['courseid' => $this->world->course->id])->id;
            $least = min(self::GROUP, $count - count($this->mentees));
            [$mentors[$group]] = $this->enrol_many($group, 1, (int)$roles['teacher']);
            foreach ($this->enrol_many($group, $least, (int)$roles['student']) as $userid) {
                $this->mentees[] = $userid;
                $fresh[$userid] = $group;
            }
        }
        // Written past Moodle's own functions, so its caches do not know.
        \cache_helper::purge_all();
        accesslib_clear_all_caches_for_unit_testing();
        $definition = $DB->get_record('monitoringsession_definition', ['instrument' => 'mentee_card']);
        $answers = json::object(['change_text' => str_repeat('Дълъг отговор. ', 100)] + $this->generator::good_answers());
        $carried = json::object(['goals' => array_map(fn($row) => [
            'row' => $row, 'id' => "g$row", 'text' => str_repeat('Цел ', 100),
        ], range(1, 5))]);
        $now = time();
        foreach ($this->sessions as $session) {
            $tables = ['submission' => [], 'document' => [], 'personal' => []];
            foreach ($fresh as $userid => $groupid) {
                $who = ['monitoringsession' => (int)$session->row->id, 'instrument' => 'mentee_card', 'groupid' => $groupid,
                    'userid' => $userid];
                $uuid = \core\uuid::generate();
                $tables['submission'][] = $who + ['uuid' => $uuid, 'instrumentversion' => '1.0.0',
                    'definitionsha256' => $definition->sha256, 'language' => 'en', 'groupname' => '', 'role' => 'mentee',
                    'version' => 1, 'state' => 'submitted', 'answers' => $answers, 'carried' => $carried, 'origin' => '',
                    'timesubmitted' => $now, 'timemodified' => $now];
                $tables['personal'][] = $who + ['revision' => 1, 'content' => "{\"open\":true,\"carried\":$carried}",
                    'timemodified' => $now];
                foreach (['full', 'mentor'] as $variant) {
                    $tables['document'][] = ['uuid' => restored::document_id($uuid, $variant, 'en'),
                        'monitoringsession' => (int)$session->row->id, 'submission' => $uuid, 'variant' => $variant,
                        'language' => 'en', 'filename' => "$userid-$variant.pdf", 'filesize' => 90000,
                        'sha256' => hash('sha256', $uuid . $variant), 'answerssha256' => hash('sha256', $uuid),
                        'state' => 'current', 'timestored' => $now];
                }
            }
            foreach ($mentors as $groupid => $userid) {
                $rows = [];
                foreach (array_keys($fresh, $groupid) as $index => $menteeid) {
                    $rows[] = ['row' => $index + 1, 'id' => "p$menteeid", 'person' => "Mentee $menteeid"];
                }
                $tables['personal'][] = ['monitoringsession' => (int)$session->row->id, 'instrument' => 'mentor_card',
                    'groupid' => $groupid, 'userid' => $userid, 'revision' => 1,
                    'content' => json::encode(['open' => true, 'carried' => ['rows' => $rows]]), 'timemodified' => $now];
            }
            foreach ($tables as $table => $rows) {
                $DB->insert_records("monitoringsession_$table", $rows);
            }
        }
        $this->mentors += $mentors;
        get_fast_modinfo($this->world->course, 0, true);
    }

    /**
     * Makes members of a group, with as few queries as possible.
     *
     * @param int $groupid
     * @param int $count
     * @param int $roleid
     * @return int[] user ids
     */
    private function enrol_many(int $groupid, int $count, int $roleid): array {
        global $CFG, $DB;
        static $number = 0;
        static $names = ['Юлия', 'Петър', 'Ана', 'Щерю', 'Жана'];
        $now = time();
        $usernames = array_map(fn($index) => 'load' . ($number + $index), range(1, $count));
        $number += $count;
        $DB->insert_records('user', array_map(fn($username) => [
            'username' => $username, 'auth' => 'manual', 'confirmed' => 1, 'mnethostid' => $CFG->mnet_localhost_id,
            'firstname' => $names[crc32($username) % 5], 'lastname' => $username, 'email' => "$username@example.com",
            'lang' => 'en', 'timecreated' => $now,
        ], $usernames));
        [$in, $params] = $DB->get_in_or_equal($usernames);
        $ids = array_map('intval', $DB->get_fieldset_select('user', 'id', "username $in", $params));
        $enrolid = $DB->get_field('enrol', 'id', ['courseid' => $this->world->course->id, 'enrol' => 'manual']);
        $contextid = \context_course::instance($this->world->course->id)->id;
        $each = fn(array $row) => array_map(fn($id) => ['userid' => $id] + $row, $ids);
        $DB->insert_records('user_enrolments', $each(['enrolid' => $enrolid, 'status' => 0, 'timecreated' => $now]));
        $DB->insert_records('role_assignments', $each(['roleid' => $roleid, 'contextid' => $contextid, 'timemodified' => $now]));
        $DB->insert_records('groups_members', $each(['groupid' => $groupid, 'timeadded' => $now]));
        return $ids;
    }

    /**
     * What is measured, by name; each is done once before, so that Moodle's own caches are warm.
     *
     * @return callable[]
     */
    private function steps(): array {
        global $DB, $PAGE;
        $cmid = (int)$this->world->session->cm->id;
        $uuid = $this->world->session->row->uuid;
        $courseid = (int)$this->world->course->id;
        $PAGE->set_url('/mod/monitoringsession/view.php', ['id' => $cmid]);
        $output = $PAGE->get_renderer('core');
        [$mentee, $group] = [$this->mentees[0], groups_get_all_groups($courseid, $this->mentees[0])];
        $groupid = (int)reset($group)->id;
        $mentor = $this->mentors[$groupid];
        $coordinator = (int)$this->world->coordinator->id;
        $page = fn(int $userid) => function () use ($userid, $cmid, $output): string {
            $this->setUser($userid);
            $session = session::of_cm($cmid);
            $page = new session_page($session, new access($session, $userid));
            return $output->render_from_template('mod_monitoringsession/session_page', $page->export_for_template($output));
        };
        $form = fn(int $userid, string $instrument) => function () use ($userid, $cmid, $groupid, $instrument): string {
            $this->setUser($userid);
            $session = session::of_cm($cmid);
            $slot = slot::find($session, new access($session, $userid), $instrument, $groupid);
            return (new answer_form('/', ['slot' => $slot, 'answers' => $slot->answers()]))->render();
        };
        $service = function (string $function, array $arguments): callable {
            return function () use ($function, $arguments) {
                $this->setUser($this->world->service);
                $class = "mod_monitoringsession\\external\\$function";
                $answer = $class::execute(service::CONTRACT, ...$arguments);
                return \core_external\external_api::clean_returnvalue($class::execute_returns(), $answer);
            };
        };
        $ids = $DB->get_fieldset_select('monitoringsession_submission', 'uuid', 'monitoringsession = ?', [
            $this->world->session->row->id]);
        static $revision = 1;
        $revision += 10;
        $items = array_map(fn(int $userid) => ['instrument' => 'mentee_card', 'user' => $userid, 'group' => $groupid,
            'revision' => $revision, 'content' => '{"open":true}'], array_slice($this->mentees, 0, 10));
        $summary = [['group' => $groupid, 'audience' => 'mentor', 'user' => 0, 'revision' => $revision, 'content' => '{}']];
        return [
            'page of a mentee' => $page($mentee),
            'page of a mentor' => $page($mentor),
            'page of the coordinator' => $page($coordinator),
            'form of a mentee' => $form($mentee, 'mentee_card'),
            'form of a mentor' => $form($mentor, 'mentor_card'),
            'plan' => fn() => plan::existing($courseid),
            'completion' => fn() => (new custom_completion(
                get_fast_modinfo($courseid, $mentee)->get_cm($cmid),
                $mentee,
                ['completionview' => 0]
            ))->get_state('completionsubmit'),
            'get_participants' => $service('get_participants', [$uuid]),
            'get_submissions' => $service('get_submissions', [array_slice($ids, 0, 100), '']),
            'list_documents' => $service('list_documents', [$uuid]),
            'put_personal' => $service('put_personal', [$uuid, $items]),
            'put_summary' => $service('put_summary', [$uuid, $summary]),
            'get_changes' => $service('get_changes', [0, 1000]),
        ];
    }

    /**
     * What every step takes.
     *
     * @return array[] queries, writes, milliseconds and bytes of the answer by step
     */
    private function measure(): array {
        global $DB;
        $role = $this->getDataGenerator()->create_role();
        assign_capability('mod/monitoringsession:service', CAP_ALLOW, $role, \context_system::instance()->id);
        $this->world->service ??= $this->getDataGenerator()->create_user();
        role_assign($role, $this->world->service->id, \context_system::instance()->id);
        foreach ($this->steps() as $step) {
            $step();
        }
        $figures = [];
        foreach ($this->steps() as $name => $step) {
            [$reads, $writes, $began] = [$DB->perf_get_reads(), $DB->perf_get_writes(), hrtime(true)];
            $answer = $step();
            $took = (hrtime(true) - $began) / 1e6;
            $figures[$name] = [
                $DB->perf_get_reads() - $reads, $DB->perf_get_writes() - $writes, round($took),
                strlen(is_string($answer) ? $answer : json_encode($answer)),
            ];
        }
        return $figures;
    }

    /**
     * Neither pages nor web services ask the database more often when there are more people.
     */
    public function test_everything_takes_a_bounded_number_of_queries_whatever_the_size_of_the_course(): void {
        $people = (int)(getenv('MONITORINGSESSION_PEOPLE') ?: 200);
        $this->grow(10);
        $few = $this->measure();
        $this->setAdminUser();
        $this->grow($people);
        $many = $this->measure();
        $file = getenv('MONITORINGSESSION_FIGURES');
        if ($file) {
            file_put_contents($file, json_encode(['10' => $few, $people => $many], JSON_PRETTY_PRINT));
        }
        foreach ($many as $name => [$reads, $writes]) {
            // Moodle's own caches may save a query or three.
            $this->assertLessThanOrEqual($few[$name][0] + 3, $reads, "reads: $name");
            $this->assertSame($few[$name][1], $writes, "writes: $name");
            $this->assertLessThan(60, $reads, "reads: $name");
        }
    }
}
