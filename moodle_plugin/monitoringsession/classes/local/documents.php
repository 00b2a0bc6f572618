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

namespace mod_monitoringsession\local;

/**
 * The register of archived documents and their files.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class documents {
    /** @var string file area; item id = id of the register's row */
    public const AREA = 'document';

    /**
     * Moves the one uploaded draft file of the calling account into a session.
     *
     * Storing the same document twice changes nothing; another content under the same id is refused.
     *
     * @param session $session
     * @param \stdClass $submission
     * @param array $wanted document, variant, language, filename, size, sha256, answers_sha256
     * @param int $draftitemid
     * @return array [row of the register, whether it was stored now]
     */
    public static function store(session $session, \stdClass $submission, array $wanted, int $draftitemid): array {
        // Two writers of one file collide on its path hash.
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock("store{$session->row->id}", 20);
        if (!$lock) {
            throw new \moodle_exception('locktimeout', 'mod_monitoringsession');
        }
        try {
            return self::store_locked($session, $submission, $wanted, $draftitemid);
        } finally {
            $lock->release();
        }
    }

    /**
     * Deletes an uploaded draft of the service that is of no use.
     *
     * @param int $draftitemid
     */
    public static function forget_draft(int $draftitemid): void {
        global $USER;
        $context = \context_user::instance($USER->id);
        get_file_storage()->delete_area_files($context->id, 'user', 'draft', $draftitemid);
    }

    /**
     * The work of store(), under its lock.
     *
     * @param session $session
     * @param \stdClass $submission
     * @param array $wanted
     * @param int $draftitemid
     * @return array
     */
    private static function store_locked(session $session, \stdClass $submission, array $wanted, int $draftitemid): array {
        global $DB, $USER;
        $fs = get_file_storage();
        $usercontext = \context_user::instance($USER->id);
        $known = $DB->get_record('monitoringsession_document', ['uuid' => $wanted['document']]);
        if ($known) {
            if ($known->sha256 !== $wanted['sha256'] || $known->submission !== $submission->uuid || $known->state === 'erased') {
                throw new \moodle_exception('documentexists', 'mod_monitoringsession');
            }
            self::forget_draft($draftitemid);
            return [$known, false];
        }
        $drafts = $fs->get_area_files($usercontext->id, 'user', 'draft', $draftitemid, 'id', false);
        if (count($drafts) !== 1) {
            throw new \moodle_exception('draftmissing', 'mod_monitoringsession');
        }
        $draft = reset($drafts);
        $sha256 = self::sha256($draft);
        if ($sha256 !== $wanted['sha256'] || (int)$draft->get_filesize() !== $wanted['size']) {
            throw new \moodle_exception('hashmismatch', 'mod_monitoringsession');
        }
        $transaction = $DB->start_delegated_transaction();
        // The submission may have been overtaken since it was read.
        $state = $DB->get_field('monitoringsession_submission', 'state', ['id' => $submission->id], MUST_EXIST);
        $row = (object)[
            'uuid' => $wanted['document'],
            'monitoringsession' => $session->row->id,
            'submission' => $submission->uuid,
            'variant' => $wanted['variant'],
            'language' => $wanted['language'],
            'filename' => clean_param($wanted['filename'], PARAM_FILE),
            'filesize' => (int)$draft->get_filesize(),
            'sha256' => $sha256,
            'answerssha256' => $wanted['answers_sha256'],
            'state' => $state === submissions::SUPERSEDED ? 'superseded' : 'current',
            'timestored' => time(),
        ];
        $row->id = $DB->insert_record('monitoringsession_document', $row);
        $fs->create_file_from_storedfile([
            'contextid' => $session->context()->id,
            'component' => 'mod_monitoringsession',
            'filearea' => self::AREA,
            'itemid' => $row->id,
            'filepath' => '/',
            'filename' => $row->filename,
            'userid' => $submission->userid,
        ], $draft);
        $DB->set_field('monitoringsession_problem', 'state', 'solved', ['submissionid' => $submission->id, 'kind' => 'failed']);
        \mod_monitoringsession\event\document_stored::of($session, $row, $submission)->trigger();
        $transaction->allow_commit();
        $fs->delete_area_files($usercontext->id, 'user', 'draft', $draftitemid);
        return [$row, true];
    }

    /**
     * SHA-256 of a stored file, without reading it into memory whole.
     *
     * @param \stored_file $file
     * @return string hex
     */
    public static function sha256(\stored_file $file): string {
        $hash = hash_init('sha256');
        $handle = $file->get_content_file_handle();
        hash_update_stream($hash, $handle);
        fclose($handle);
        return hash_final($hash);
    }

    /**
     * The file of a document.
     *
     * @param \context $context of the module
     * @param \stdClass $document row of the register
     * @return \stored_file|null
     */
    public static function file(\context $context, \stdClass $document): ?\stored_file {
        $fs = get_file_storage();
        $file = $fs->get_file($context->id, 'mod_monitoringsession', self::AREA, $document->id, '/', $document->filename);
        return $file ?: null;
    }

    /**
     * The files of all documents of a session.
     *
     * @param \context $context of the module
     * @return \stored_file[] by id of the document
     */
    public static function files(\context $context): array {
        $found = [];
        $files = get_file_storage()->get_area_files($context->id, 'mod_monitoringsession', self::AREA, false, 'id', false);
        foreach ($files as $file) {
            $found[$file->get_itemid()] = $file;
        }
        return $found;
    }

    /**
     * The address of a document, for those who may open it.
     *
     * @param \context $context of the module
     * @param \stdClass $document row of the register
     * @return \moodle_url
     */
    public static function url(\context $context, \stdClass $document): \moodle_url {
        return \moodle_url::make_pluginfile_url(
            $context->id,
            'mod_monitoringsession',
            self::AREA,
            $document->id,
            '/',
            $document->filename
        );
    }

    /**
     * Removes the files of a submission; the register keeps a tombstone with the hash.
     *
     * @param \stdClass $submission
     */
    public static function erase(\stdClass $submission): void {
        global $DB;
        $cm = get_coursemodule_from_instance('monitoringsession', $submission->monitoringsession);
        foreach ($DB->get_records('monitoringsession_document', ['submission' => $submission->uuid]) as $document) {
            if ($cm) {
                $context = \context_module::instance($cm->id);
                get_file_storage()->delete_area_files($context->id, 'mod_monitoringsession', self::AREA, $document->id);
            }
            // The file's name holds the person's name.
            $DB->update_record('monitoringsession_document', (object)[
                'id' => $document->id,
                'state' => 'erased',
                'filename' => '',
            ]);
        }
    }

    /**
     * Removes all files of a session; the register keeps tombstones with the hashes.
     *
     * @param \stdClass $session row of monitoringsession
     */
    public static function erase_all(\stdClass $session): void {
        global $DB;
        $cm = get_coursemodule_from_instance('monitoringsession', $session->id);
        if ($cm) {
            get_file_storage()->delete_area_files(\context_module::instance($cm->id)->id, 'mod_monitoringsession', self::AREA);
        }
        $own = ['monitoringsession' => $session->id];
        $DB->set_field('monitoringsession_document', 'state', 'erased', $own);
        $DB->set_field('monitoringsession_document', 'filename', '', $own);
    }

    /**
     * The entry of list_documents.
     *
     * @param \stdClass $document
     * @return array
     */
    public static function export(\stdClass $document): array {
        return [
            'document' => $document->uuid,
            'submission' => $document->submission,
            'variant' => $document->variant,
            'language' => $document->language,
            'filename' => $document->filename,
            'size' => (int)$document->filesize,
            'sha256' => $document->sha256,
            'answers_sha256' => $document->answerssha256,
            'stored' => (int)$document->timestored,
            'state' => $document->state,
        ];
    }
}
