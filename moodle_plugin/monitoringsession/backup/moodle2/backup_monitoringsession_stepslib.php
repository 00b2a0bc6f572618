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
 * What a backup of a session holds.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

/**
 * What a backup of a session holds: never outbox, secrets, cursors or what the service pushes anew.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class backup_monitoringsession_activity_structure_step extends backup_activity_structure_step {
    /**
     * The structure.
     *
     * @return backup_nested_element
     */
    protected function define_structure() {
        // Core's "anonymise" changes the users' own fields only: answers and documents would still name people.
        $userinfo = $this->get_setting_value('userinfo') && !$this->get_setting_value('anonymize');

        $session = new backup_nested_element('monitoringsession', ['id'], [
            'name', 'intro', 'introformat', 'uuid', 'kind', 'number', 'opens', 'due', 'closed', 'reopened', 'rosterfixed',
            'language', 'instruments', 'versions', 'completionsubmit', 'origin', 'planned', 'reminders',
            'timecreated', 'timemodified',
        ]);
        $submissions = new backup_nested_element('submissions');
        $submission = new backup_nested_element('submission', ['id'], [
            'uuid', 'instrument', 'instrumentversion', 'definitionsha256', 'language', 'groupid', 'groupname', 'userid', 'role',
            'version', 'state', 'answers', 'carried', 'origin', 'timesubmitted', 'timemodified',
        ]);
        $subjects = new backup_nested_element('subjects');
        $subject = new backup_nested_element('subject', ['id'], ['userid']);
        $documents = new backup_nested_element('documents');
        $document = new backup_nested_element('document', ['id'], [
            'uuid', 'submission', 'variant', 'language', 'filename', 'filesize', 'sha256', 'answerssha256', 'state', 'timestored',
        ]);
        $drafts = new backup_nested_element('drafts');
        $draft = new backup_nested_element('draft', ['id'], [
            'instrument', 'groupid', 'userid', 'language', 'answers', 'revision', 'timemodified',
        ]);
        $extensions = new backup_nested_element('extensions');
        $extension = new backup_nested_element('extension', ['id'], ['userid', 'due', 'timemodified']);
        $stretches = new backup_nested_element('roster');
        $stretch = new backup_nested_element('stretch', ['id'], [
            'userid', 'role', 'groupid', 'groupname', 'timestart', 'timeend', 'why', 'counts',
        ]);

        $decisions = new backup_nested_element('decisions');
        $decision = new backup_nested_element('decision', ['id'], [
            'uuid', 'signalid', 'rule', 'userid', 'groupid', 'occurrences', 'decision', 'note', 'due', 'decider', 'timecreated',
        ]);

        $session->add_child($submissions);
        $submissions->add_child($submission);
        $submission->add_child($subjects);
        $subjects->add_child($subject);
        $session->add_child($documents);
        $documents->add_child($document);
        $session->add_child($drafts);
        $drafts->add_child($draft);
        $session->add_child($extensions);
        $extensions->add_child($extension);
        $session->add_child($stretches);
        $stretches->add_child($stretch);
        $session->add_child($decisions);
        $decisions->add_child($decision);

        $session->set_source_table('monitoringsession', ['id' => backup::VAR_ACTIVITYID]);
        if ($userinfo) {
            $own = ['monitoringsession' => backup::VAR_PARENTID];
            $submission->set_source_table('monitoringsession_submission', $own, 'id ASC');
            $subject->set_source_table('monitoringsession_subject', ['submissionid' => backup::VAR_PARENTID]);
            $document->set_source_table('monitoringsession_document', $own, 'id ASC');
            $draft->set_source_table('monitoringsession_draft', $own);
            $extension->set_source_table('monitoringsession_extension', $own);
            $stretch->set_source_table('monitoringsession_roster', $own, 'id ASC');
            $decision->set_source_table('monitoringsession_decision', $own, 'id ASC');
        }
        foreach ([$submission, $subject, $draft, $extension, $stretch, $decision] as $element) {
            $element->annotate_ids('user', 'userid');
        }
        $submission->annotate_ids('group', 'groupid');
        $draft->annotate_ids('group', 'groupid');
        $stretch->annotate_ids('group', 'groupid');
        $decision->annotate_ids('user', 'decider');
        $decision->annotate_ids('group', 'groupid');
        $session->annotate_files('mod_monitoringsession', 'intro', null);
        $document->annotate_files('mod_monitoringsession', 'document', 'id');
        return $this->prepare_activity_structure($session);
    }
}
