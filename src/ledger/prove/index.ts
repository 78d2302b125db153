// The door of ledger/prove: the entry tree and its tiles, notes and checkpoints, trust policies
// and graded verdicts, the map, and evidence files. Everything verifies from bytes alone.
export { HASH_BYTES, Frontier, PairHasher, emptyRoot, leafHash, nodeHash } from './tree.ts'
export type { NodeSink } from './tree.ts'
export { consistencyNodes, consistencyProof, inclusionNodes, inclusionProof } from './tree-proof.ts'
export { MAX_PROOF_HASHES, rootAt, verifyConsistency, verifyInclusion } from './tree-proof.ts'
export type { ConsistencyClaim, InclusionClaim, NodeId, NodeReader } from './tree-proof.ts'
export { TILE_HEIGHT, TILE_WIDTH, Tile, TileReader, completedTiles, openTiles } from './tiles.ts'
export { decodeEntryBundle, encodeEntryBundle, hashesAtLevel, parseTilePath } from './tiles.ts'
export { MAX_ENTRY_BYTES, partialTiles, tilePath, tileWidth } from './tiles.ts'
export type { HashTileId, TileId, TileSource, TileTree } from './tiles.ts'
export { encodeCosignature, encodeNote, encodeSignatureLine, encodeVkey } from './note.ts'
export {
  cosignatureMessage,
  isKeyName,
  isSignedUnder,
  keyHashOf,
  lineUnder,
  noteKey,
} from './note.ts'
export { MAX_NOTE_BYTES, MAX_SIGNATURES, parseNote, parseSignatureLines } from './note.ts'
export { parseVkey, verifyCosignature, verifyNoteSignature } from './note.ts'
export type { NoteKey, NoteKeyUse, NoteSignature, SignedNote } from './note.ts'
export { encodeAddCheckpoint, encodeCheckpoint, encodeKnownSize } from './checkpoint.ts'
export { parseAddCheckpoint, parseCheckpoint, parseCosignatureLines } from './checkpoint.ts'
export { parseKnownSize, parseSignedCheckpoint } from './checkpoint.ts'
export type { AddCheckpoint, Checkpoint, SignedCheckpoint } from './checkpoint.ts'
export { MAX_POLICY_BYTES, parsePolicy, reachesQuorum, reachesValidators } from './policy.ts'
export type { Cosigner, Group, PolicyLog, RetiredLog, TrustPolicy } from './policy.ts'
export { DURABLE, MAX_SKEW_SECONDS, compareVerdicts, gradeText, judge, meets } from './judge.ts'
export type { Grade, Judgement, Reason, Requirement, Verdict } from './judge.ts'
export { MAP_DEPTH, SparseMap, emptyMapRoot, mapLeafHash } from './map.ts'
export type { MapChange, MapLeaf, MapProof } from './map.ts'
export { Maps, encodeMapRoot, mapKeyOf, mapValueHash, parseMapRoot } from './map-proof.ts'
export { encodeMapProof, parseMapProof, verifyAbsence, verifyPresence } from './map-proof.ts'
export type { AbsenceClaim, MapRoot, PresenceClaim } from './map-proof.ts'
export { encodeEvidence, encodeProofFile, parseEvidence, parseProofFile } from './evidence.ts'
export { EVIDENCE_FORMAT, PROOF_MAGIC, verifyEvidence, verifyProofFile } from './evidence.ts'
export type { Evidence, ProofClaim, ProofFile, Proven, ProvenEntry } from './evidence.ts'
export type { ProvenRecord } from './evidence.ts'
export { proveCodes, reasonCodes } from './codes.ts'
