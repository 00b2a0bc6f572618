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

use mod_monitoringsession\local\clock;
use mod_monitoringsession\local\digest;
use mod_monitoringsession\local\extensions;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\steps;

/**
 * One message per person, course and day: who is told what, when, and once.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 * @covers     \mod_monitoringsession\local\clock
 * @covers     \mod_monitoringsession\local\digest
 * @covers     \mod_monitoringsession\local\news
 * @covers     \mod_monitoringsession\local\steps
 * @covers     \mod_monitoringsession\local\told
 * @covers     \mod_monitoringsession\task\remind
 */
final class digest_test extends \advanced_testcase {
    /** @var \mod_monitoringsession_generator */
    private $generator;

    /** @var \stdClass */
    private $world;

    /** @var \phpunit_message_sink */
    private $sink;

    /**
     * The world, at noon wherever the tests run.
     */
    protected function setUp(): void {
        parent::setUp();
        $this->resetAfterTest();
        $this->setAdminUser();
        $this->setTimezone(self::zone_where_it_is(12));
        $this->generator = $this->getDataGenerator()->get_plugin_generator('mod_monitoringsession');
        $this->world = $this->generator->create_world();
        $this->sink = $this->redirectMessages();
    }

    /**
     * A time zone in which it is some hour of the day now.
     *
     * @param int $hour
     * @return string
     */
    private static function zone_where_it_is(int $hour): string {
        $offset = ($hour - (int)gmdate('G') + 36) % 24 - 12;
        // The signs of these names are the other way round.
        return 'Etc/GMT' . ($offset > 0 ? '-' : '+') . abs($offset);
    }

    /**
     * Lets time go by: everything that is kept becomes older.
     *
     * @param int $seconds
     */
    private function pass(int $seconds): void {
        global $DB;
        $columns = [
            'monitoringsession' => ['opens', 'due', 'closed', 'reopened'],
            'monitoringsession_submission' => ['timesubmitted'],
            'monitoringsession_document' => ['timestored'],
            'monitoringsession_summary' => ['timemodified'],
            'monitoringsession_extension' => ['due'],
            'monitoringsession_told' => ['timetold'],
            'user_enrolments' => ['timecreated', 'timestart'],
        ];
        foreach ($columns as $table => $fields) {
            foreach ($fields as $field) {
                $DB->execute("UPDATE {{$table}} SET $field = $field - ? WHERE $field > 0", [$seconds]);
            }
        }
        // Deadlines stand in what was told, and in what was pushed.
        foreach (['monitoringsession_told' => 'item', 'monitoringsession_personal' => 'content'] as $table => $field) {
            foreach ($DB->get_records($table) as $row) {
                $older = preg_replace_callback('/\b1\d{9}\b/', fn($found) => $found[0] - $seconds, $row->$field);
                $DB->set_field($table, $field, $older, ['id' => $row->id]);
            }
        }
    }

    /**
     * Sends what is to be sent now.
     *
     * @return string[] texts by the names of the world's people
     */
    private function told(): array {
        $this->sink->clear();
        get_fast_modinfo(0, 0, true);
        $this->assertSame([], $this->troubles(fn() => (new task\remind())->execute()));
        $names = [];
        foreach (['menteea', 'menteeb', 'mentora', 'mentorb', 'coordinator'] as $name) {
            $names[$this->world->$name->id] = $name;
        }
        $found = [];
        foreach ($this->sink->get_messages() as $message) {
            $this->assertSame('digest', $message->eventtype);
            $name = $names[$message->useridto] ?? $message->useridto;
            $this->assertArrayNotHasKey($name, $found, 'One message a day');
            $found[$name] = $message->fullmessage;
        }
        ksort($found);
        return $found;
    }

    /**
     * What a task says beside how many messages it sent.
     *
     * @param callable $act
     * @return string[]
     */
    private function troubles(callable $act): array {
        ob_start();
        $act();
        return array_values(array_filter(preg_split('/\n/', ob_get_clean()), fn(string $line): bool =>
            $line !== '' && !str_starts_with($line, 'Messages: ')));
    }

    /**
     * Who was told of the opening of a form.
     *
     * @return string[]
     */
    private function told_of_opening(): array {
        return array_keys(array_filter($this->told(), fn(string $text): bool => str_contains($text, 'You can now fill in')));
    }

    /**
     * Changes a field of the course module.
     *
     * @param string $field
     * @param mixed $value
     */
    private function set_module(string $field, $value): void {
        global $DB;
        $DB->set_field('course_modules', $field, $value, ['id' => $this->world->session->cm->id]);
        rebuild_course_cache($this->world->course->id, true);
    }

    /**
     * Pushes a mentor's form.
     *
     * @param \stdClass $mentor
     * @param int $groupid
     * @param array $content
     */
    private function push(\stdClass $mentor, int $groupid, array $content = ['open' => true]): void {
        $key = ['instrument' => 'mentor_card', 'userid' => (int)$mentor->id, 'groupid' => $groupid];
        local\pushed::store_all(
            'monitoringsession_personal',
            $this->world->session,
            [[$key, time(), json_encode($content)]],
            [],
            ['scope' => '']
        );
    }

    /**
     * Everybody with a form hears of the opening, once.
     */
    public function test_the_opening_is_told_once_to_those_with_forms(): void {
        $this->assertSame(['menteea', 'menteeb'], $this->told_of_opening());
        $this->assertSame([], $this->told());
        $this->pass(DAYSECS);
        $this->assertSame([], $this->told());
    }

    /**
     * Forms that the service brings later, as when it was away at the opening, are told of when they come.
     */
    public function test_forms_that_come_after_the_opening_are_told_of(): void {
        $this->told();
        $this->push($this->world->mentora, (int)$this->world->groupa->id, ['open' => false, 'due' => time() + WEEKSECS]);
        $this->assertSame([], $this->told());
        $this->push($this->world->mentorb, (int)$this->world->groupb->id);
        $this->assertSame(['mentorb'], $this->told_of_opening());
    }

    /**
     * A session that is hidden when it opens is told of when it is shown; so it is with its course.
     */
    public function test_what_is_hidden_is_told_of_when_it_is_shown(): void {
        global $DB;
        $this->set_module('visible', 0);
        $this->assertSame([], $this->told());
        $this->set_module('visible', 1);
        $DB->set_field('course', 'visible', 0, ['id' => $this->world->course->id]);
        rebuild_course_cache($this->world->course->id, true);
        $this->assertSame([], $this->told());
        $DB->set_field('course', 'visible', 1, ['id' => $this->world->course->id]);
        rebuild_course_cache($this->world->course->id, true);
        $this->assertSame(['menteea', 'menteeb'], $this->told_of_opening());
    }

    /**
     * Whom a date keeps out is told when it is over.
     */
    public function test_who_is_restricted_by_date_is_told_when_that_is_over(): void {
        $from = fn(int $time): string => json_encode(
            ['op' => '&', 'showc' => [true], 'c' => [['type' => 'date', 'd' => '>=', 't' => $time]]]
        );
        $this->set_module('availability', $from(time() + HOURSECS));
        $this->assertSame([], $this->told());
        $this->set_module('availability', $from(time() - HOURSECS));
        $this->assertSame(['menteea', 'menteeb'], $this->told_of_opening());
    }

    /**
     * Who joins late is told, and nobody else again.
     */
    public function test_who_joins_late_is_told(): void {
        $this->told();
        $this->pass(DAYSECS);
        $late = $this->getDataGenerator()->create_and_enrol($this->world->course, 'student');
        groups_add_member($this->world->groupa, $late);
        $this->assertSame([(int)$late->id], $this->told_of_opening());
    }

    /**
     * A person whose account is suspended hears nothing.
     */
    public function test_who_is_suspended_hears_nothing(): void {
        global $DB;
        $DB->set_field('user', 'suspended', 1, ['id' => $this->world->menteea->id]);
        $this->assertSame(['menteeb'], $this->told_of_opening());
    }

    /**
     * People hear by day, in their own time zone, and nobody at night.
     *
     * @dataProvider hours
     * @param int $hour
     * @param bool $expected
     */
    public function test_nobody_is_woken(int $hour, bool $expected): void {
        global $DB;
        $DB->set_field('user', 'timezone', self::zone_where_it_is($hour), ['id' => $this->world->menteea->id]);
        $this->assertSame($expected ? ['menteea', 'menteeb'] : ['menteeb'], $this->told_of_opening());
    }

    /**
     * Hours of the day.
     *
     * @return array[]
     */
    public static function hours(): array {
        return [[0, false], [3, false], [6, false], [7, true], [15, true], [21, true], [22, false], [23, false]];
    }

    /**
     * The day of a person is that of their time zone, across the change to winter time too.
     */
    public function test_a_day_is_that_of_the_persons_time_zone(): void {
        $user = (object)['timezone' => 'Europe/Sofia'];
        $at = fn(string $time): int => (new \DateTimeImmutable($time, new \DateTimeZone('Europe/Sofia')))->getTimestamp();
        $due = $at('2026-10-27 23:59');
        $this->assertFalse((new clock($user, $at('2026-10-24 23:59')))->reached($due, -2));
        $this->assertTrue((new clock($user, $at('2026-10-25 00:01')))->reached($due, -2));
        $this->assertFalse((new clock($user, $at('2026-10-28 00:01')))->reached($at('2026-10-27 00:00'), 2));
        $this->assertFalse((new clock($user, $at('2026-10-25 21:00')))->open($at('2026-10-25 07:00')));
        $this->assertTrue((new clock($user, $at('2026-10-26 07:00')))->open($at('2026-10-25 21:59')));
        $this->assertTrue((new clock($user, $at('2026-10-26 12:00')))->ripe($at('2026-10-26 06:59')));
        $this->assertFalse((new clock($user, $at('2026-10-26 12:00')))->ripe($at('2026-10-26 07:01')));
    }

    /**
     * Reminders come on the days that were set, then mentor and coordinator hear who is missing; each once.
     */
    public function test_reminders_come_in_steps_and_then_mentor_and_coordinator_hear(): void {
        global $DB;
        $this->told();
        $this->generator->submit($this->world->session, $this->world->menteeb);
        $DB->set_field('monitoringsession', 'due', time() + 3 * DAYSECS, []);
        $DB->set_field('monitoringsession', 'opens', time() - 4 * DAYSECS, []);
        $this->set_told_back();
        $days = [];
        for ($day = -3; $day <= 6; $day++) {
            foreach ($this->told() as $name => $text) {
                foreach (['Please remember' => 'due', 'Overdue' => 'over', 'Still missing' => 'missing'] as $sign => $word) {
                    if (str_contains($text, $sign)) {
                        $days[$day][] = "$name $word";
                    }
                }
            }
            $this->assertSame([], $this->told());
            $this->pass(DAYSECS);
        }
        $this->assertSame([
            -2 => ['menteea due'],
            1 => ['menteea over'],
            4 => ['coordinator missing', 'menteea over', 'mentora missing'],
        ], $days);
    }

    /**
     * Lets the messages of today count as those of yesterday.
     */
    private function set_told_back(): void {
        global $DB;
        $DB->execute('UPDATE {monitoringsession_told} SET timetold = timetold - ?', [DAYSECS]);
    }

    /**
     * Who has more time is reminded by the own deadline alone, also when the session is closed for the others.
     */
    public function test_who_has_more_time_is_reminded_by_the_own_deadline(): void {
        global $DB;
        $this->told();
        $this->set_told_back();
        $session = $this->world->session;
        $DB->set_field('monitoringsession', 'due', time() + DAYSECS, ['id' => $session->row->id]);
        extensions::set(session::of_cm((int)$session->cm->id), [(int)$this->world->menteea->id], time() + 14 * DAYSECS);
        $this->assertSame(['menteeb'], array_keys($this->told()));
        session::of_cm((int)$session->cm->id)->close();
        $this->pass(12 * DAYSECS + HOURSECS);
        $told = $this->told();
        $this->assertStringContainsString('Please remember', $told['menteea']);
        $own = $DB->get_field('monitoringsession_extension', 'due', ['userid' => $this->world->menteea->id]);
        $this->assertStringContainsString(userdate($own), $told['menteea']);
        $this->assertArrayNotHasKey('menteeb', $told);
    }

    /**
     * A form that waited for others is due later than the session, and reminded of by its own deadline.
     */
    public function test_a_form_with_its_own_deadline_is_reminded_of_by_that(): void {
        global $DB;
        $this->push($this->world->mentora, (int)$this->world->groupa->id, ['open' => true, 'due' => time() + 6 * DAYSECS]);
        $DB->set_field('monitoringsession', 'due', time() + DAYSECS, []);
        $told = $this->told();
        $this->assertStringContainsString(userdate(time() + 6 * DAYSECS, '%d %B'), $told['mentora']);
        $this->pass(2 * DAYSECS);
        $this->assertArrayNotHasKey('mentora', array_filter($this->told(), fn($text) => str_contains($text, 'Overdue')));
    }

    /**
     * All sessions of a course stand in one message, in the order in which they opened, with a link to each form.
     */
    public function test_all_sessions_of_a_course_stand_in_one_message(): void {
        $this->generator->create_instance([
            'course' => $this->world->course->id, 'name' => 'Another', 'opens' => time() - DAYSECS, 'kind' => 'interim',
        ]);
        $told = $this->told();
        $this->assertSame(['menteea', 'menteeb'], array_keys($told));
        $this->assertMatchesRegularExpression('/Another.*Session/s', $told['menteea']);
        $this->assertSame(2, substr_count($told['menteea'], '/mod/monitoringsession/form.php?id='));
        $this->assertStringStartsWith('Dear ' . fullname($this->world->menteea) . ',', $told['menteea']);
        $this->assertStringContainsString('/message/index.php?id=' . $this->world->coordinator->id, $told['menteea']);
        [$message] = $this->sink->get_messages();
        $this->assertStringStartsWith('2 forms to be filled in', $message->subject);
        preg_match_all('~<a href="([^"]+)">~', $message->fullmessagehtml, $links);
        $this->assertGreaterThanOrEqual(5, count($links[1]));
    }

    /**
     * Mentor and coordinator hear in the morning what came in, each only of those they may read; authors of their documents.
     */
    public function test_what_came_in_is_told_to_those_who_may_read_it(): void {
        $this->told();
        $first = $this->generator->submit($this->world->session, $this->world->menteea);
        $this->generator->store($this->world->session, $first);
        $this->assertSame([], $this->told(), 'It waits for the morning');
        $this->pass(DAYSECS);
        $told = $this->told();
        $this->assertSame(['coordinator', 'menteea', 'mentora'], array_keys($told));
        $came = 'Came in: ' . fullname($this->world->menteea) . ' (Form mentee_card). By now 1 of';
        $this->assertStringContainsString($came, $told['coordinator']);
        $this->assertStringContainsString("$came 1", $told['mentora']);
        $this->assertStringContainsString('Your document is ready: Form mentee_card', $told['menteea']);
        $this->assertStringContainsString("/submission.php?id=$first->id", $told['menteea']);
        $this->pass(DAYSECS);
        $this->assertSame([], $this->told());
        $this->generator->submit($this->world->session, $this->world->menteeb);
        $this->pass(DAYSECS);
        $told = $this->told();
        $this->assertSame(['coordinator', 'mentorb'], array_keys($told));
        $this->assertStringNotContainsString(fullname($this->world->menteea), $told['coordinator']);
    }

    /**
     * New signals are told by their number to whom they are shown, and nothing of what they say; decided ones are not.
     */
    public function test_signals_are_told_by_their_number(): void {
        $this->told();
        $signal = fn(string $id, string $level, ?string $decision = null): array => [
            'id' => $id, 'rule' => 'help', 'level' => $level, 'label' => 'LABEL', 'text' => 'SECRET', 'person' => 1,
            'decision' => $decision,
        ];
        $content = ['signals' => [$signal('a', 'red'), $signal('b', 'amber'), $signal('c', 'red', 'settled')], 'sections' => []];
        $push = fn(int $revision, array $content) => local\pushed::store_all(
            'monitoringsession_summary',
            $this->world->session,
            [[['groupid' => 0, 'audience' => 'coordinator', 'userid' => 0], $revision, json::encode($content)]],
            [],
            ['scope' => '']
        );
        $push(1, $content);
        $this->pass(DAYSECS);
        $told = $this->told();
        $this->assertSame(['coordinator'], array_keys($told));
        $this->assertStringContainsString('New early-warning signals: 2, urgent among them: 1', $told['coordinator']);
        $this->assertStringNotContainsString('SECRET', $told['coordinator']);
        $this->assertStringNotContainsString('LABEL', $told['coordinator']);
        $push(2, $content);
        $this->pass(DAYSECS);
        $this->assertSame([], $this->told());
        $content['signals'][] = $signal('d', 'amber');
        // One of an earlier session was told of there.
        $content['signals'][] = $signal('e', 'red') + ['occurrences' => [['session' => 'another']]];
        $push(3, $content);
        $this->pass(DAYSECS);
        $this->assertStringContainsString('New early-warning signals: 1', $this->told()['coordinator']);
    }

    /**
     * The coordinator hears that the record can be written when all have answered; mentors that it is there, each of their own.
     */
    public function test_the_record_is_asked_for_when_answers_end_and_told_when_it_is_there(): void {
        global $DB;
        $content = json::encode([
            'schema' => 1, 'instrument' => 'protocol', 'version' => '1.0.0', 'language' => 'en', 'respondent' => 'coordinator',
            'sessions' => session::KINDS, 'per' => 'group', 'catch_up' => false, 'anonymous' => false, 'minutes' => 5,
            'title' => 'Protocol', 'intro' => '', 'items' => [[
                'id' => 'text', 'type' => 'short_text', 'label' => 'Text', 'required' => false,
                'readers' => ['author', 'mentor', 'coordinator'], 'readers_text' => '',
            ]],
        ]);
        local\definition::store([
            'instrument' => 'protocol', 'version' => '1.0.0', 'language' => 'en', 'sha256' => hash('sha256', $content),
            'content' => $content,
        ]);
        $DB->set_field('monitoringsession', 'instruments', 'mentee_card,protocol', []);
        $this->assertSame(['menteea', 'menteeb'], array_keys($this->told()));
        session::of_cm((int)$this->world->session->cm->id)->close();
        $told = $this->told();
        $this->assertSame(['coordinator'], array_keys($told));
        $this->assertStringContainsString('You can now fill in: Protocol, Group a', $told['coordinator']);
        $this->assertStringContainsString('You can now fill in: Protocol, Group b', $told['coordinator']);
        $this->setUser($this->world->coordinator);
        $record = $this->generator->submit($this->world->session, $this->world->coordinator, ['text' => 'x'], 'protocol');
        $this->generator->store($this->world->session, $record);
        $this->generator->store($this->world->session, $record, 'mentor', '%PDF-1.7 copy');
        $this->setAdminUser();
        $this->pass(DAYSECS);
        $told = $this->told();
        $own = (int)$record->groupid === (int)$this->world->groupa->id ? 'mentora' : 'mentorb';
        $this->assertSame(['coordinator', $own], array_keys($told));
        $this->assertStringContainsString('Now there to read: Protocol', $told[$own]);
        $this->assertStringContainsString('Your document is ready: Protocol', $told['coordinator']);
        $this->pass(DAYSECS);
        $this->assertSame([], $this->told());
    }

    /**
     * A session that came with a backup tells nobody who came with it; whoever joins is told.
     */
    public function test_a_restored_session_tells_only_those_who_join(): void {
        global $DB;
        $DB->set_field('monitoringsession', 'announced', time(), []);
        $this->assertSame([], $this->told());
        $this->pass(DAYSECS);
        $DB->set_field('monitoringsession', 'announced', time() - DAYSECS, []);
        $late = $this->getDataGenerator()->create_and_enrol($this->world->course, 'student');
        groups_add_member($this->world->groupa, $late);
        $this->assertSame([(int)$late->id], $this->told_of_opening());
    }

    /**
     * A course of three months, day by day: every message with its person, day and reason. None is wrong, missing or twice.
     *
     * Mentee A is punctual and mentee B late; mentee B fills in nothing in the last session. MESSAGES=FILE keeps the texts.
     */
    public function test_every_message_of_a_course_of_three_months(): void {
        global $DB;
        [$world, $day] = [$this->world, DAYSECS];
        $DB->set_field('monitoringsession', 'name', 'Month 1', []);
        $DB->set_field('monitoringsession', 'opens', time() - HOURSECS, []);
        foreach ([2 => 30, 3 => 60, 4 => 85] as $number => $after) {
            $this->generator->create_instance([
                'course' => $world->course->id, 'name' => "Month $number", 'number' => $number,
                'kind' => $number === 4 ? 'final' : 'interim', 'groupmode' => SEPARATEGROUPS,
                'opens' => time() - HOURSECS + $after * $day, 'due' => time() + ($after + 7) * $day,
            ]);
        }
        set_config('closedays', 7, 'mod_monitoringsession');
        // Who submits what, by day: a document is filed at once. Mentors get their forms when a mentee has submitted.
        $acts = [1 => [1, 'menteea'], 9 => [1, 'menteeb'], 31 => [2, 'menteea'], 39 => [2, 'menteeb'], 63 => [3, 'menteea'],
            64 => [3, 'menteeb'], 86 => [4, 'menteea']];
        $reasons = [
            'You can now fill in' => 'opened', 'Please remember' => 'due', 'Overdue' => 'overdue', 'Came in' => 'came in',
            'Still missing' => 'missing', 'Your document is ready' => 'document',
        ];
        $table = [];
        $kept = [];
        for ($today = 0; $today <= 110; $today++) {
            session::close_overdue();
            foreach ($this->told() as $name => $text) {
                $kept[] = "Day $today, $name\n\n$text\n\n----\n";
                foreach (preg_split('/^(?=Month \d)/m', $text) as $part) {
                    foreach ($reasons as $sign => $word) {
                        if (str_contains($part, $sign)) {
                            $table[$today][] = substr($part, 6, 1) . " $name $word";
                        }
                    }
                }
            }
            if (isset($acts[$today])) {
                [$number, $name] = $acts[$today];
                $row = $DB->get_record('monitoringsession', ['number' => $number, 'course' => $world->course->id]);
                $session = session::of_uuid($row->uuid);
                $this->setUser($world->$name);
                $submission = $this->generator->submit($session, $world->$name);
                $this->setAdminUser();
                $this->generator->store($session, $submission);
            }
            $this->pass($day);
        }
        if (getenv('MESSAGES')) {
            file_put_contents(getenv('MESSAGES'), implode('', $kept));
        }
        $both = fn(int $number): array => ["$number menteea opened", "$number menteeb opened"];
        $came = fn(int $number, string $letter): array => [
            "$number coordinator came in", "$number mentee$letter document", "$number mentor$letter came in",
        ];
        $this->assertSame([
            0 => $both(1),
            2 => $came(1, 'a'),
            5 => ['1 menteeb due'],
            8 => ['1 menteeb overdue'],
            10 => $came(1, 'b'),
            30 => $both(2),
            32 => $came(2, 'a'),
            35 => ['2 menteeb due'],
            38 => ['2 menteeb overdue'],
            40 => $came(2, 'b'),
            60 => $both(3),
            64 => $came(3, 'a'),
            65 => $came(3, 'b'),
            85 => $both(4),
            87 => $came(4, 'a'),
            90 => ['4 menteeb due'],
            93 => ['4 menteeb overdue'],
            96 => ['4 coordinator missing', '4 menteeb overdue', '4 mentorb missing'],
        ], $table);
    }

    /**
     * Steps as people type them.
     *
     * @dataProvider texts
     * @param string $text
     * @param int[]|null $expected
     */
    public function test_steps_are_read_as_people_type_them(string $text, ?array $expected): void {
        $this->assertSame($expected, steps::read($text));
    }

    /**
     * Texts.
     *
     * @return array[]
     */
    public static function texts(): array {
        return [
            ['-2,1,4', [-2, 1, 4]], [' 4, 1 , −2 ', [-2, 1, 4]], ['', []], ['+1', [1]], ['0', [0]], ['1,1', [1]],
            ['two', null], ['1;2', null], ['99', null], ['1,', null], ['1,2,3,4,5,6,7,8,9', null], ['-61', null],
        ];
    }

    /**
     * Closing, opening again for some, and who is asked then.
     */
    public function test_a_session_opened_again_for_some_asks_only_them(): void {
        $this->told();
        $session = session::of_cm((int)$this->world->session->cm->id);
        $session->close();
        $session->reopen([(int)$this->world->menteea->id]);
        $this->pass(6 * DAYSECS);
        $reminded = array_filter($this->told(), fn($text) => str_contains($text, 'Please remember'));
        $this->assertSame(['menteea'], array_keys($reminded));
        $session = session::of_cm((int)$session->cm->id);
        $this->assertTrue($session->accepts((int)$this->world->menteea->id, 'mentee'));
        $this->assertFalse($session->accepts((int)$this->world->menteeb->id, 'mentee'));
        $this->assertTrue($session->accepts((int)$this->world->coordinator->id, 'coordinator'));
        $this->assertSame([(int)$this->world->menteea->id], $session->export()['admitted']);
        $session->close();
        $session->reopen();
        $this->assertArrayNotHasKey('admitted', session::of_cm((int)$session->cm->id)->export());
    }
}
