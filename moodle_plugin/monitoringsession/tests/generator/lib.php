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
 * Makes sessions, forms and people for tests.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\answers;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\drafts;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\local\submissions;

/**
 * Makes sessions, forms and people for tests.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class mod_monitoringsession_generator extends testing_module_generator {
    /**
     * A session, open for a week.
     *
     * @param array|stdClass|null $record
     * @param array|null $options
     * @return stdClass
     */
    public function create_instance($record = null, ?array $options = null) {
        return parent::create_instance((array)$record + [
            'name' => 'Session',
            'kind' => 'initial',
            'number' => 1,
            'opens' => time() - HOURSECS,
            'due' => time() + WEEKSECS,
            'language' => 'en',
            'instruments' => 'mentee_card,mentor_card',
        ], $options);
    }

    /**
     * Two small forms: a mentee's with every type of item, a mentor's about mentees.
     */
    public function create_definitions(): void {
        $all = ['author', 'mentor', 'coordinator'];
        $item = fn(string $id, string $type, array $more = []) => $more + [
            'id' => $id, 'type' => $type, 'label' => "Label of $id", 'required' => false, 'readers' => $all,
            'readers_text' => 'You, the mentor and the coordinator',
        ];
        $options = fn(...$values) => array_map(fn($value) => ['value' => $value, 'label' => "Option $value"], $values);
        $mentee = [
            $item('needs', 'multi_choice', ['required' => true, 'max' => 2, 'options' => [
                ...$options('n_one', 'n_two', 'n_three'), ['value' => 'n_none', 'label' => 'None', 'exclusive' => true],
            ]]),
            $item('goals', 'table', ['required' => true, 'min_rows' => 1, 'max_rows' => 3, 'columns' => [
                $item('text', 'short_text', ['required' => true, 'max_length' => 200]),
                $item('weight', 'scale', ['default' => 2, 'required' => true, 'options' => $options(1, 2, 3)]),
                $item('due_date', 'date'),
            ]]),
            $item('goal_first', 'single_choice', ['options_from' => 'goals']),
            $item('feeling', 'scale', ['required' => true, 'options' => $options(1, 2, 3, 4, 5, null)]),
            $item('change', 'single_choice', ['required' => true, 'options' => $options('x_no', 'x_yes')]),
            $item('change_text', 'long_text', [
                'max_length' => 60000,
                'show_if' => ['==', ['ref', 'change'], ['lit', 'x_yes']],
                'required_if' => ['==', ['ref', 'change'], ['lit', 'x_yes']],
            ]),
            $item('count', 'number', ['min' => 0, 'max' => 60]),
            $item('secret', 'long_text', ['readers' => ['author', 'coordinator'], 'readers_text' => 'Only the coordinator']),
            $item('contact_me', 'yes_no', ['required' => true, 'default' => false, 'readers' => ['author', 'coordinator']]),
        ];
        $mentor = [
            $item('rows', 'carried_table', ['required' => true, 'min_rows' => 0, 'max_rows' => 10, 'columns' => [
                $item('person', 'computed', ['read_only' => true]),
                $item('note', 'short_text', ['required' => true, 'max_length' => 300]),
            ]]),
        ];
        foreach (['mentee_card' => ['mentee', $mentee], 'mentor_card' => ['mentor', $mentor]] as $instrument => [$role, $items]) {
            $content = json::encode([
                'schema' => 1, 'instrument' => $instrument, 'version' => '1.0.0', 'language' => 'en', 'respondent' => $role,
                'sessions' => session::KINDS, 'per' => 'group', 'catch_up' => false, 'anonymous' => false, 'minutes' => 5,
                'title' => "Form $instrument", 'intro' => 'An introduction', 'items' => $items,
            ]);
            definition::store([
                'instrument' => $instrument, 'version' => '1.0.0', 'language' => 'en', 'sha256' => hash('sha256', $content),
                'content' => $content,
            ]);
        }
    }

    /**
     * A newer version of a form, as the service pushes it: another title, the item count gone, the item hours new.
     *
     * @param string $instrument
     * @param array $changes of the content
     * @return array
     */
    public function newer_version(string $instrument = 'mentee_card', array $changes = []): array {
        global $DB;
        $row = $DB->get_record('monitoringsession_definition', ['instrument' => $instrument, 'version' => '1.0.0']);
        $content = $changes + ['version' => '1.1.0', 'title' => "Newer $instrument"] + json::decode($row->content);
        foreach ($content['items'] as $index => $item) {
            if ($item['id'] === 'count') {
                $content['items'][$index] = ['id' => 'hours', 'label' => 'Label of hours'] + $item;
            }
        }
        $text = json::encode($content);
        return [
            'instrument' => $instrument, 'version' => '1.1.0', 'language' => $row->language, 'sha256' => hash('sha256', $text),
            'content' => $text,
        ];
    }

    /**
     * A course with two groups, a mentee and a mentor in each, a coordinator, and a session.
     *
     * @param array $record of the session
     * @return stdClass course, groups, menteea, menteeb, mentora, mentorb, coordinator, session
     */
    public function create_world(array $record = []): stdClass {
        $generator = $this->datagenerator;
        $this->create_definitions();
        $world = new stdClass();
        $world->course = $generator->create_course(['groupmode' => SEPARATEGROUPS, 'enablecompletion' => 1]);
        foreach (['a', 'b'] as $letter) {
            $group = $generator->create_group(['courseid' => $world->course->id, 'name' => "Group $letter"]);
            $world->{"group$letter"} = $group;
            foreach (['mentee' => 'student', 'mentor' => 'teacher'] as $role => $archetype) {
                $user = $generator->create_and_enrol($world->course, $archetype);
                groups_add_member($group, $user);
                $world->{"$role$letter"} = $user;
            }
        }
        $world->coordinator = $generator->create_and_enrol($world->course, 'editingteacher');
        $instance = $this->create_instance($record + ['course' => $world->course->id, 'groupmode' => SEPARATEGROUPS]);
        $world->session = session::of_cm((int)$instance->cmid);
        return $world;
    }

    /**
     * The form of a person.
     *
     * @param session $session
     * @param stdClass $user
     * @param string $instrument
     * @return slot|null
     */
    public function slot(session $session, stdClass $user, string $instrument = 'mentee_card'): ?slot {
        $session = session::of_cm((int)$session->cm->id);
        foreach (slot::of($session, new access($session, (int)$user->id)) as $slot) {
            if ($slot->definition->instrument === $instrument) {
                return slot::find($session, new access($session, (int)$user->id), $instrument, $slot->groupid);
            }
        }
        return null;
    }

    /**
     * Answers that keep every rule of the mentee's form.
     *
     * @return array
     */
    public static function good_answers(): array {
        return [
            'needs' => ['n_one'],
            'goals' => [['row' => 1, 'text' => 'Работа по специалността <3 😀', 'weight' => 2, 'due_date' => '2026-12-01']],
            'goal_first' => 'r1',
            'feeling' => null,
            'change' => 'x_no',
            'contact_me' => false,
        ];
    }

    /**
     * Submits a form.
     *
     * @param session $session
     * @param stdClass $user
     * @param array|null $answers
     * @param string $instrument
     * @return stdClass
     */
    public function submit(session $session, stdClass $user, ?array $answers = null, string $instrument = 'mentee_card'): stdClass {
        $slot = $this->slot($session, $user, $instrument);
        $answers ??= self::good_answers();
        $revision = drafts::save($slot, $answers, (int)($slot->draft->revision ?? 0));
        return submissions::submit($slot, $revision, answers::final($slot, $answers));
    }

    /**
     * Decides on somebody's wish to be contacted.
     *
     * @param session $session
     * @param stdClass $about
     * @param stdClass $by
     * @param string $code
     */
    public function decide(session $session, stdClass $about, stdClass $by, string $code = 'measure'): void {
        $group = (int)array_key_first($session->mentoring_groups());
        $seen = [['session' => $session->row->uuid, 'number' => 1, 'level' => 'red', 'text' => 'Why.']];
        $signal = ['id' => "contact_request.$group.$about->id.", 'rule' => 'contact_request', 'person' => (int)$about->id,
            'group' => $group, 'occurrences' => $seen];
        \mod_monitoringsession\local\decisions::take($session, [$signal], $code, 'A note.', time() + WEEKSECS, (int)$by->id);
    }

    /**
     * Pairs the site on paper.
     */
    public function pair(): void {
        global $CFG;
        set_config('serviceurl', 'http://127.0.0.1:1', 'mod_monitoringsession');
        set_config('secret', 'whsec_' . base64_encode(str_repeat('k', 32)), 'mod_monitoringsession');
        set_config('pairedsite', $CFG->wwwroot, 'mod_monitoringsession');
    }

    /**
     * Stores a document for a submission as the service would.
     *
     * @param session $session
     * @param stdClass $submission
     * @param string $variant
     * @param string $content
     * @return array what documents::store answers
     */
    public function store(
        session $session,
        stdClass $submission,
        string $variant = 'full',
        string $content = '%PDF-1.7 one'
    ): array {
        $file = $this->draft($content);
        return \mod_monitoringsession\local\documents::store($session, $submission, [
            'document' => \mod_monitoringsession\local\restored::document_id($submission->uuid, $variant, 'en'),
            'variant' => $variant,
            'language' => 'en',
            'filename' => "S01_v{$submission->version}_$variant.pdf",
            'size' => strlen($content),
            'sha256' => hash('sha256', $content),
            'answers_sha256' => hash('sha256', 'answers'),
        ], $file);
    }

    /**
     * A draft file of the current user.
     *
     * @param string $content
     * @return int item id
     */
    public function draft(string $content): int {
        global $USER;
        $itemid = file_get_unused_draft_itemid();
        get_file_storage()->create_file_from_string([
            'contextid' => context_user::instance($USER->id)->id, 'component' => 'user', 'filearea' => 'draft',
            'itemid' => $itemid, 'filepath' => '/', 'filename' => 'upload.pdf',
        ], $content);
        return $itemid;
    }
}
