// Written by Vectors/redraw.py: noisy copies of pixel(c) = 7 c mod 256, redrawn by an
// independent implementation of the specification.
// swift-format-ignore-file

let redrawnKey = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"

let redrawn: [Redrawn] = [
    // 8-bit pixels
    Redrawn(sigma: 0.25, steps: 255, input: 7, phase: 1, sample: 0, d: 784, tiesKept: 0, tiesPassed: 1, bits: """
        bec2c2c3 3d109091 3e1c9c9d bc40c0c1 bcc0c0c1 3e48c8c9 3ea8a8a9 3e40c0c1 3f22a2a3 3e949495
        3ebebebf 3e68e8e9 3e109091 3eb4b4b5 3f28a8a9 3edadadb 3ea6a6a7 3ebcbcbd 3eaaaaab 3f3ababb
        3e48c8c9 3ee2e2e3 3f39b9ba 3f0e8e8f 3f49c9ca 3f26a6a7 3f44c4c5 3f41c1c2 3f69e9ea 3f35b5b6
        3ef4f4f5 3f3bbbbc 3f4dcdce 3f0f8f90 3f838384 3f32b2b3 3f2eaeaf 3c808081 0 3ef2f2f3 3ca0a0a1
        bd989899 3e989899 3e7cfcfd 3eacacad be8a8a8b 3d808081 3e088889 0 3f2babac 3df8f8f9 3ebebebf
        3f088889 3f47c7c8 3f1d9d9e 3f1b9b9c 3e50d0d1 3ebababb 3ef2f2f3 3f72f2f3 3f28a8a9 3f54d4d5
        3fb9b9ba 3e9e9e9f 3f1f9fa0 3f2aaaab 3f068687 3f36b6b7 3f9d9d9e 3f8a8a8b 3eeaeaeb 3f919192
        3f8d8d8e 3f808081 3f159596 be989899 3e3cbcbd be48c8c9 bc808081 3e048485 3e1c9c9d be989899
        3ec2c2c3 3f0c8c8d 3ee4e4e5 3f70f0f1 3f129293 3ecccccd bc808081 3ef2f2f3 3f4dcdce 3ea6a6a7
        3f26a6a7 3ee4e4e5 3e828283 3e828283 3f848485 3f3bbbbc 3ea0a0a1 3f59d9da 3f42c2c3 3f3cbcbd
        3f56d6d7 3f39b9ba 3ef4f4f5 3f6bebec 3f70f0f1 3f7dfdfe 3f19999a 3fa8a8a9 3e74f4f5 3e808081
        bd20a0a1 3ee8e8e9 be848485 be28a8a9 3e20a0a1 3e0c8c8d be38b8b9 3f1e9e9f 3ed2d2d3 be189899
        3e78f8f9 3e68e8e9 3e9e9e9f 3ec0c0c1 3e64e4e5 3e54d4d5 3ec8c8c9 3f36b6b7 3f5cdcdd 3f52d2d3
        3f23a3a4 3ebebebf 3f048485 3f49c9ca 3f109091 3f9f9fa0 3f4ececf 3f018182 3f808081 3f6eeeef
        3f838384 3f0c8c8d 3fc0c0c1 3ee6e6e7 3f3dbdbe bda0a0a1 3d109091 3ec4c4c5 3e28a8a9 bdc0c0c1
        bd008081 3e48c8c9 3f048485 3ecccccd 3f068687 3ef2f2f3 3f058586 3e0c8c8d 3eaeaeaf 3ea2a2a3
        3f63e3e4 3f1c9c9d 3ea4a4a5 3ee6e6e7 3f129293 3eececed 3f5adadb 3f8b0b0b 3f800000 3f028283
        3f2babac 3f4bcbcc 3f38b8b9 3f2cacad 3f808081 3f4bcbcc 3f74f4f5 3fa5a5a6 3f159596 3f850505
        3f79f9fa bee8e8e9 3e5cdcdd 3eb6b6b7 3ecccccd 3e989899 3eb2b2b3 3f088889 bc808081 3d808081
        3f30b0b1 3e60e0e1 3edadadb 3e8e8e8f 3ecccccd 3ef6f6f7 3ec8c8c9 3f808081 3f5bdbdc 3eececed
        3ebababb 3e68e8e9 3f51d1d2 3ee2e2e3 3ec0c0c1 3f4acacb 3f870707 3f8a0a0a 3f22a2a3 3f67e7e8
        3f32b2b3 3f3cbcbd 3f19999a 3f72f2f3 3f5bdbdc 3fa0a0a1 3f810101 3f109091 3e54d4d5 bdd8d8d9
        bd30b0b1 be38b8b9 3d50d0d1 be2cacad be048485 3ee8e8e9 3f109091 3da8a8a9 3ef8f8f9 be28a8a9
        3f048485 be38b8b9 3eb8b8b9 3ec6c6c7 3ea8a8a9 3efefeff 3ee0e0e1 3edadadb 3f119192 3f1b9b9c
        3f911111 3f42c2c3 3f6aeaeb 3f2babac 3f43c3c4 3f78f8f9 3f9c1c1c 3f5ededf 3f66e6e7 3f39b9ba
        3fa5a5a6 3fa3a3a4 3f6aeaeb 3f9c9c9d bce0e0e1 3c008081 bef2f2f3 3e949495 3dd0d0d1 3d70f0f1
        3e54d4d5 3f0f8f90 3eeaeaeb 3f179798 3da0a0a1 3e30b0b1 3e48c8c9 3db0b0b1 3eacacad 3ec6c6c7
        3ed0d0d1 3f23a3a4 3f1d9d9e 3f56d6d7 3f30b0b1 3f4fcfd0 3f048485 3f70f0f1 3ea2a2a3 3f36b6b7
        3f1e9e9f 3f09898a 3f169697 3f78f8f9 3f991919 3ecececf 3f9f9fa0 3f838384 3f31b1b2 3f64e4e5
        3f47c7c8 3e1c9c9d be70f0f1 3ea6a6a7 3e20a0a1 3f008081 bd109091 3e848485 3e54d4d5 3df0f0f1
        3f149495 3eeeeeef 3dc8c8c9 3e24a4a5 3e68e8e9 3eb6b6b7 3f2cacad 3f3ebebf 3eececed 3eb0b0b1
        3f32b2b3 3eb2b2b3 3f119192 3efcfcfd 3ef0f0f1 3eaeaeaf 3d70f0f1 3eeeeeef 3f54d4d5 3f1f9fa0
        3f61e1e2 3f058586 3f820202 3f30b0b1 3ef8f8f9 3f67e7e8 3f888889 3f838384 be3cbcbd beb8b8b9
        3dc0c0c1 3e3cbcbd 3e68e8e9 bc008081 3e40c0c1 bd989899 bc008081 3ee4e4e5 3e088889 3e54d4d5
        3f32b2b3 3e54d4d5 3ef6f6f7 3f0c8c8d 3e40c0c1 3f0c8c8d 3ea0a0a1 3d909091 3f129293 3f42c2c3
        3f018182 3f6ceced 3f0f8f90 3f3bbbbc 3f35b5b6 3f3ebebf 3f2fafb0 3f4bcbcc 3eececed 3ea8a8a9
        3f6bebec 3fababac 3fcacacb 3fa12121 3d30b0b1 3dd0d0d1 3e949495 3da8a8a9 3d909091 beb6b6b7
        3f29a9aa 3efcfcfd 3e828283 bdb0b0b1 3eeaeaeb 3edededf 3eaaaaab 3ebcbcbd 3ecacacb 3f35b5b6
        3c008081 3f129293 3e70f0f1 3f048485 3ee2e2e3 3f868687 3f0d8d8e 3f0a8a8b 3f60e0e1 3ebebebf
        3f0f8f90 3f4ccccd 3f0c8c8d 3f6aeaeb 3f119192 3f60e0e1 3f0d8d8e 3f6bebec 3f4ccccd 3f800000
        3f62e2e3 3e929293 bda8a8a9 beb4b4b5 3f048485 3ef2f2f3 3e64e4e5 3ca0a0a1 bd70f0f1 3ed0d0d1
        3d008081 3ee0e0e1 3e5cdcdd 3d989899 3b808081 3ecccccd 3f1a9a9b 3efefeff 3ec4c4c5 3f56d6d7
        3f35b5b6 3f5bdbdc 3ecececf 3f38b8b9 3e868687 3f4fcfd0 3f8f8f90 3f48c8c9 3f169697 3f0f8f90
        3f921212 3f57d7d8 3f8a0a0a 3f28a8a9 3f1f9fa0 3f8e8e8f 3f73f3f4 3eacacad 3e189899 be8c8c8d
        be2cacad bc008081 3e28a8a9 bea2a2a3 be48c8c9 3d60e0e1 3f008081 3da8a8a9 bd008081 3f43c3c4
        3e5cdcdd 3f088889 3f29a9aa 3f2dadae 3e30b0b1 3f2babac 3ea6a6a7 3eb4b4b5 3e3cbcbd 3f71f1f2
        3f60e0e1 3f7dfdfe 3f4acacb 3f72f2f3 3ec8c8c9 3f1e9e9f 3f68e8e9 3f4acacb 3f31b1b2 3f088889
        3f67e7e8 3f911111 3f5cdcdd 3f9b9b9c 3d888889 be149495 3e868687 3e3cbcbd bed4d4d5 bc40c0c1
        be48c8c9 be8a8a8b 3e68e8e9 bd008081 3eeeeeef 3eaeaeaf 3edcdcdd 3f149495 3f038384 3f3ebebf
        3f5cdcdd 3f0a8a8b 3f1e9e9f 3f129293 3f52d2d3 3f2fafb0 3f0c8c8d 3f19999a 3f8a0a0a 3f5bdbdc
        3fa4a4a5 3f64e4e5 3f72f2f3 3f820202 3f921212 3facacad 3f39b9ba 3f75f5f6 3f919192 3f800000
        bef4f4f5 3ecececf 3ea0a0a1 0 be28a8a9 3f09898a 3f29a9aa 3f31b1b2 3ee8e8e9 3ee0e0e1 bdd8d8d9
        3eaeaeaf 3e30b0b1 3e70f0f1 3edadadb 3f1c9c9d 3ebebebf 3e70f0f1 3ef2f2f3 bd40c0c1 3ea8a8a9
        3e088889 3f109091 3f1d9d9e 3ed2d2d3 3f008081 3f50d0d1 3f3ebebf 3f25a5a6 3fa6a6a7 3f19999a
        3f810101 3f69e9ea 3fcb4b4b 3f4acacb 3f1a9a9b 3f72f2f3 bd989899 3e20a0a1 bdc0c0c1 3ca0a0a1
        bf0f8f90 3f088889 3ee2e2e3 3f29a9aa be38b8b9 bc40c0c1 3ea6a6a7 3e949495 3eeeeeef 3ea4a4a5
        3ef8f8f9 3d909091 3f22a2a3 3ed0d0d1 3f26a6a7 3f028283 3f1d9d9e 3f0f8f90 3f33b3b4 3edededf
        3f62e2e3 3eaeaeaf 3f48c8c9 3f2aaaab 3f49c9ca 3f67e7e8 3f7bfbfc 3f4acacb 3f6feff0 3fa8a8a9
        3f19999a 3fa62626 3fe2e2e3 be6ceced bd008081 3ed6d6d7 3f149495 3e20a0a1 3e048485 3e74f4f5
        3e8a8a8b 3eeeeeef 3ec8c8c9 bb808081 bd50d0d1 3e9a9a9b 3ea2a2a3 3f179798 3e8c8c8d 3f57d7d8
        3e24a4a5 3f51d1d2 3eb2b2b3 3f39b9ba 3e989899 3ecacacb 3fa32323 3f3cbcbd 3f3ebebf 3e6ceced
        3f028283 3f75f5f6 3f76f6f7 3f44c4c5 3f7bfbfc 3f27a7a8 3fc54545 3f5ededf 3fa2a2a3 3e3cbcbd
        3ecacacb be8a8a8b 3d70f0f1 bd50d0d1 3ec2c2c3 bce0e0e1 3ed8d8d9 bdb8b8b9 3f0f8f90 3d109091
        3de0e0e1 3e1c9c9d 3f28a8a9 3ed8d8d9 3e8c8c8d 3eaaaaab 3f048485 3f068687 3f27a7a8 3f28a8a9
        3f3fbfc0 3f6aeaeb 3f45c5c6 3f2babac 3ef8f8f9 3f69e9ea 3f5adadb 3f75f5f6 3f51d1d2 3f5ededf
        3f830303 3f959596 3f7bfbfc 3f860606 3f28a8a9 3f8e0e0e bee0e0e1 bc808081 be74f4f5 3da8a8a9
        bc808081 3f23a3a4 be3cbcbd bd40c0c1 3ee2e2e3 3ebebebf 3c008081 3f33b3b4 3eeaeaeb 3ebebebf
        3e989899 3f65e5e6 3ed8d8d9 3f24a4a5 3f27a7a8 3f2dadae 3f45c5c6 3e3cbcbd 3f7efeff 3f21a1a2
        3f3ebebf 3f43c3c4 3f46c6c7 3f169697 3f890909 3ef2f2f3 3eb2b2b3 3f70f0f1 3f28a8a9 3f6bebec
        3f939394 3f8b0b0b beeaeaeb be34b4b5 3e3cbcbd 3e60e0e1 be70f0f1 0 be40c0c1 3eaaaaab 3e70f0f1
        3f109091 3e6ceced 3ec0c0c1 3d20a0a1 bc008081 3eacacad 3e7cfcfd 3eeaeaeb 3ec6c6c7 3f27a7a8
        3eeeeeef 3f4dcdce 3efafafb 3f3cbcbd 3f4acacb 3f1d9d9e 3f38b8b9 3e58d8d9 3f62e2e3 3f5dddde
        3f78f8f9 3fa12121 3f23a3a4 3ef4f4f5 3f4acacb 3fad2d2d 3f63e3e4 3f73f3f4 bc808081 3e58d8d9
        3e3cbcbd 3e54d4d5 be1c9c9d 3e70f0f1 3ee0e0e1 bdc8c8c9 3d008081 3d989899 3dd8d8d9 3d60e0e1
        3eeaeaeb 3e38b8b9 3e68e8e9 3ee0e0e1 3eaaaaab 3f169697 3f3cbcbd 3f4dcdce 3f1d9d9e 3f0c8c8d
        3f169697 3f2cacad 3f2dadae 3ee0e0e1 3f1b9b9c 3f69e9ea 3f850505 3f6bebec 3f7bfbfc 3f66e6e7
        3f20a0a1 3f59d9da 3f9c9c9d 3f65e5e6 be949495 bdc8c8c9 be34b4b5 3e34b4b5 3e189899 bd008081
        3d70f0f1 3c808081 bce0e0e1 bd008081 3ed8d8d9 3e088889 3e4ccccd 3f36b6b7 3f3fbfc0 3f4bcbcc
        """),
    // a last block used in part, large indices
    Redrawn(sigma: 0.25, steps: 255, input: 4294967295, phase: 0, sample: 1, d: 19, tiesKept: 0, tiesPassed: 0, bits: """
        bdf0f0f1 3e30b0b1 3e24a4a5 3d909091 be969697 3ea0a0a1 bdd0d0d1 bdc0c0c1 3ee6e6e7 3eb4b4b5
        3e58d8d9 3eaeaeaf 3e78f8f9 3f53d3d4 3f32b2b3 3f55d5d6 3ec6c6c7 3ec2c2c3 3edadadb
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 4294967295, phase: 0, sample: 4294967301, d: 19, tiesKept: 0, tiesPassed: 0, bits: """
        3e868687 3d989899 be60e0e1 3ca0a0a1 bd909091 bd989899 3e9e9e9f 3f088889 3e888889 3eeeeeef
        3ec6c6c7 3da0a0a1 3ec8c8c9 3e40c0c1 3ee0e0e1 3f3bbbbc 3f59d9da 3db0b0b1 3ce0e0e1
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 4294967295, phase: 0, sample: 72057594037927935, d: 19, tiesKept: 0, tiesPassed: 0, bits: """
        be109091 bea4a4a5 bef4f4f5 3f40c0c1 3e969697 3eb2b2b3 bdc8c8c9 be64e4e5 3d989899 3e6ceced
        3ecacacb 3f24a4a5 3e888889 3f1a9a9b 3e5cdcdd 3f038384 3f29a9aa be8a8a8b 3e40c0c1
        """),
    // draws that tie
    Redrawn(sigma: 0.25, steps: 255, input: 2, phase: 0, sample: 61, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        3e888889 be8c8c8d be28a8a9 3df0f0f1 3c008081 3ec6c6c7 3f018182 bebababb 3da0a0a1 3f149495
        3e109091 3ebebebf 3f088889 3e64e4e5 3ec4c4c5 3ce0e0e1 3e3cbcbd 3f1c9c9d 3f189899 3f3ebebf
        3ec4c4c5 3db8b8b9 3d808081 3e74f4f5 3c008081 3e1c9c9d 3f149495 3f169697 3f56d6d7 3f989899
        3f60e0e1 3f0b8b8c 3f4acacb 3f7efeff 3f4dcdce 3fc14141 3f878788 3e30b0b1 3eaaaaab 0 3ecececf
        bdc0c0c1 3dd8d8d9 3eb0b0b1 3e78f8f9 3d808081 3f028283 3ec8c8c9 3ebababb 3e888889
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 2, phase: 0, sample: 202, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        bda0a0a1 be868687 3e48c8c9 3e54d4d5 3ebebebf 3efafafb 3e949495 3ecccccd 3ec0c0c1 be3cbcbd
        3f0b8b8c 3e9c9c9d 3e969697 bd808081 3f0f8f90 3e74f4f5 3eb8b8b9 3dc0c0c1 3f109091 3f169697
        3ed4d4d5 3de0e0e1 3f1f9fa0 3f4ccccd 3f40c0c1 3f0c8c8d 3f078788 3f3ababb 3f53d3d4 3f45c5c6
        3f65e5e6 3f65e5e6 3f078788 3f53d3d4 3f991919 3f79f9fa 3f5adadb bec4c4c5 be34b4b5 bd909091
        3e68e8e9 be38b8b9 3d50d0d1 3eaaaaab 3e40c0c1 3da0a0a1 3ecececf 3f159596 3f1b9b9c 3f008081
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 2, phase: 0, sample: 213, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        3de8e8e9 3e1c9c9d be969697 3f149495 3d70f0f1 3cc0c0c1 3e6ceced bd50d0d1 3e109091 3ec6c6c7
        3e54d4d5 3d888889 3e189899 3e48c8c9 3edededf 3ef4f4f5 3e8a8a8b 3ecacacb 3f52d2d3 3e008081
        3e9a9a9b 3eb4b4b5 3ed6d6d7 3f4acacb 3f59d9da 3eacacad 3f868687 3f30b0b1 3f60e0e1 3f4bcbcc
        3f0a8a8b 3f29a9aa 3f048485 3ecccccd 3f880808 3ee4e4e5 3fa62626 bd888889 3eb2b2b3 be888889
        3e20a0a1 3e189899 3e8e8e8f 3e70f0f1 bda0a0a1 3ebebebf be008081 3ec0c0c1 3f139394 3c40c0c1
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 2, phase: 0, sample: 301, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        3e8a8a8b 3d008081 3e64e4e5 3e4ccccd be909091 bef4f4f5 be78f8f9 3eb8b8b9 3e8e8e8f 3e888889
        3e4ccccd 3eeeeeef 3eaeaeaf 3e868687 3e9a9a9b 3f4acacb 3e54d4d5 3f42c2c3 3eaaaaab 3f41c1c2
        bd008081 3e9a9a9b 3eb0b0b1 3efafafb 3f5adadb 3f959596 3f088889 3f32b2b3 3ee6e6e7 3f018182
        3f7afafb 3f880808 3f63e3e4 3f47c7c8 3f32b2b3 3f28a8a9 3fa8a8a9 be30b0b1 3eb4b4b5 bc40c0c1
        3ee0e0e1 3d989899 3e949495 3eb0b0b1 3dd8d8d9 3d808081 3ee6e6e7 3e54d4d5 3d30b0b1 3edcdcdd
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 2, phase: 0, sample: 582, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        3f21a1a2 be30b0b1 3e8e8e8f be74f4f5 3db8b8b9 3b808081 3e008081 3f088889 3f119192 be008081
        3e4ccccd bc40c0c1 3f1b9b9c 3f139394 3efafafb 3e088889 3e48c8c9 3f109091 3ed2d2d3 3e48c8c9
        3eb4b4b5 3f77f7f8 3f40c0c1 3f54d4d5 3e1c9c9d 3f1b9b9c 3f1c9c9d 3f55d5d6 3f1a9a9b 3f8e0e0e
        3f61e1e2 3f1b9b9c 3f8d8d8e 3f32b2b3 3f99999a 3f64e4e5 3f830303 beb0b0b1 beb4b4b5 bc40c0c1
        3e808081 3db0b0b1 be30b0b1 3ea4a4a5 be7cfcfd 3e70f0f1 3d30b0b1 3e149495 3e24a4a5 3d50d0d1
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 2, phase: 0, sample: 2593, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        3e0c8c8d be54d4d5 3f179798 3f088889 3ebababb be8e8e8f 3d989899 3f109091 3e848485 3ef6f6f7
        3dc8c8c9 3efcfcfd bd008081 3e70f0f1 3e828283 3d50d0d1 3e8e8e8f 3e868687 3fc2c2c3 3eeeeeef
        3ef6f6f7 3f09898a 3d808081 3efefeff 3f048485 3f1c9c9d 3f1f9fa0 3f31b1b2 3f0b8b8c 3f8f0f0f
        3f45c5c6 3f61e1e2 3fad2d2d 3fa1a1a2 3f4dcdce 3f78f8f9 3f20a0a1 3da8a8a9 3e149495 3f1c9c9d
        bde8e8e9 be149495 be088889 bde0e0e1 3e34b4b5 3f179798 3ecccccd 3e848485 3d70f0f1 3e808081
        """),
    // 393,218 magnitudes, draws that tie
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 83, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        bf37ea00 3eda2a00 be86c600 bcd4a000 3f516f00 3e95ba00 be865c00 3d154000 bd9fb800 3e1b4800
        bc2ac000 3edc5200 3f855c80 be50c800 bee13600 bf276b00 bf7bd700 3e984600 3f00f700 3ef0de00
        beaf7800 3f19cb00 bf13fb00 bf4bbd00 3e316400 3e018400 bf3d0f00 bf42a700 3e9e4400 3e00dc00
        3d35c000 bf02ef00 bf1cb800 bf41b000 3dcba000 3e655400 3e1c9400 3dd1b800 3e32c400 be900600
        bebc6800 be6f5800 3e11bc00 3d73f000 be890600 3e839600 3e8c0e00 3f36c100 bd0c6000 bd61a000
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 116, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        bf6c6f00 bea67600 bf244300 3eb73200 3f189100 3f0c4700 3ed5b200 3f8cc100 3dee4000 3f9c0c80
        befd6a00 bf2ca700 be13e800 bf26ec00 3ec7ac00 3c2f0000 be05e800 3f829700 bdbb6800 3e872e00
        bda06000 3e559400 bde98800 bf27ae00 bf13f600 be9eb200 becbb600 beacc200 3f6b7000 be6ecc00
        becbf800 bda8b800 be56e400 be5c5400 be149800 3eea9000 be426400 be37ac00 bef43c00 3eed8c00
        3dc9b000 bf1fdb00 bf812580 bf69a900 bfa62300 bd133000 bc6a0000 3ec4a600 be294400 3e931200
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 230, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        3db0d800 3d69c000 3ee2e800 3e1ad400 bf2afc00 be5df400 bf1ba000 3eb86a00 be23c400 3ebc6c00
        3f644600 3dbf5000 bda2d000 3f0b9700 beaace00 bd907000 be614400 3f073700 be208000 beb5e000
        3f3a7400 be959200 bee5de00 3ec97c00 bf1e5000 be23c800 3e337000 3e987800 bebd3600 bf530600
        3f006b00 be2cbc00 3f3d8600 bece3c00 3d9aa000 be985800 3a380000 bd076000 bec4e000 be60d000
        bf16aa00 bf05c000 3df31000 3f52ea00 bf6a5e00 bd799000 3f0da700 3e5f6000 befe0600 3c054000
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 338, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        bea2f600 3f1fb100 3f078d00 bebff600 3f06d200 bd18e000 bdbb4800 3d8ee000 bf345100 3d2ed000
        3e580000 3e045800 bededa00 3e58b400 3f07e300 bd766000 3ee64800 3ebe7a00 3f8d6600 3ef94400
        3d69c000 3dfb5000 be41a000 bf253100 bd99d000 be684400 3e994800 3ea85e00 bf192900 3d860800
        3f8ee080 bed04600 bf058100 3f238200 bf2d7800 3d83c000 3efa9200 bd69e000 3f2e3000 be5ba000
        beb58600 bedb7200 3ea68c00 be3f7800 bea38400 bd076000 3eaa9800 3f7dd100 bf2aa500 3f483300
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 382, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        3e9c1400 3db26800 3e4fc800 3f6ffd00 3e57d000 bea3e600 3f889a00 bed8ae00 bf6a0e00 3e3de400
        3db66000 3e9ee200 3f6bdb00 3e6f9400 3d968800 bf52b900 3e245400 3eeefe00 3ed7d000 bf0a5100
        3eaffe00 3f13b600 3ccda000 bbd98000 be7f5800 3e5ed800 bfec6380 bf25e000 3e8f0600 3ee40400
        3e7af800 bec2b400 3e25ec00 be793c00 3f129200 bd682000 3ea90000 3e509c00 3fd49b00 3b150000
        beea1800 bd29c000 3f07b500 3f5a4700 bf10d700 3f09ae00 bf480b00 be414400 be492000 3e49f400
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 487, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        3ce62000 be8e6200 bf1d0400 3f96e580 bf5a5900 bf44ee00 be24d400 3ed53e00 3eac9e00 bea1ac00
        3ea72200 bd173000 3db96000 bf489f00 3e1ed400 3f3dd100 3e022400 bd918000 bee36000 3e6b8c00
        be2cf400 3ef08e00 3f161200 3e3da000 3ba40000 bf6e7e00 3d335000 bee33800 be629000 bffb9980
        3f18d200 3f0bd900 3dafd000 3cf16000 bd140000 bd91d800 bf275e00 3e054c00 bf9fc880 bceea000
        3ee67c00 bf54ef00 be229000 bd9c7000 beceb200 3f13b200 bf00ca00 bf42c200 3e855000 bf184900
        """),
]

let weights: [Weight] = [
    Weight(sigma: 0.25, steps: 255, magnitude: 0, hex: "cd0eaf0ff60838c98b449e1c830f1c291e9159b539007b9447177e"),
    Weight(sigma: 0.25, steps: 255, magnitude: 1, hex: "19a1073b1ec1d23c58db4b393cbae3a3c068b2e807445d96b483d86"),
    Weight(sigma: 0.25, steps: 255, magnitude: 2, hex: "199e9b6d8a5ddba658ecbefd677b4c93352a6c88446f614060f4a60"),
    Weight(sigma: 0.25, steps: 255, magnitude: 63, hex: "fbad0c7b599c079cbccaafffca61e293f6397e39f3101347ea9658"),
    Weight(sigma: 0.25, steps: 255, magnitude: 383, hex: "64020918912f0842d6ef7326e33930daf3da9ebd2cdcd3ca"),
    Weight(sigma: 0.25, steps: 255, magnitude: 766, hex: "863cac516c76f1caa78174471b402"),
    Weight(sigma: 0.0078125, steps: 255, magnitude: 0, hex: "195da89495da177ba75cde4cc3ec6e684fe2449e60d313415ccaf3b2"),
    Weight(sigma: 0.0078125, steps: 255, magnitude: 1, hex: "2cd81287e84fa3527ae2713a8fd94bef56917081581600461ec3c59e"),
    Weight(sigma: 0.0078125, steps: 255, magnitude: 2, hex: "1ef8e71e4ee3a43add4b91b5c5780e1b2d7db6188bcc9ae004ae69e8"),
    Weight(sigma: 0.0078125, steps: 255, magnitude: 12, hex: "1003bd8a05d6039a34d8fe5e6c0243731bc97c684b1db0ed0a"),
    Weight(sigma: 0.0078125, steps: 255, magnitude: 24, hex: "6a29f112f40fab659a47a438ab3b92"),
    Weight(sigma: 0.001, steps: 255, magnitude: 0, hex: "799cbd52e1c6f04309b4c3fd3f57b839303eb8379dfad6e3820aa4c8"),
    Weight(sigma: 0.001, steps: 255, magnitude: 1, hex: "66342a46e99913d34f555e92c88a4bff062b3cc90647aa9ba25c942"),
    Weight(sigma: 0.001, steps: 255, magnitude: 2, hex: "8af9f7e7fc1146fdb8ed2b72e7afc4abca1fb6bb5bcfef712"),
    Weight(sigma: 0.001, steps: 255, magnitude: 4, hex: "7f75fbaad2bd09e0d622e"),
    Weight(sigma: 0.5, steps: 65536, magnitude: 0, hex: "662114cf3fd3bebc5eebb16752ab26669490acb1d00bb1d1fe06"),
    Weight(sigma: 0.5, steps: 65536, magnitude: 1, hex: "cc42299ce7232a3ddf38d6d6f5e30dc4a183a6103dcc7333dbb6"),
    Weight(sigma: 0.5, steps: 65536, magnitude: 2, hex: "cc4229981d9630a06991197f466d7955d2b5ad7981ecaa934c6a"),
    Weight(sigma: 0.5, steps: 65536, magnitude: 32768, hex: "7be39638cc5cddc30c2331677e9418142168cbbcfce41b10a004"),
    Weight(sigma: 0.5, steps: 65536, magnitude: 196608, hex: "343101f8d1832eb2c0917e31b5f850da000ef24ee9c454"),
    Weight(sigma: 0.5, steps: 65536, magnitude: 393217, hex: "938ea19fa73bbc4ab55dc09a5f2d0"),
]

let distances: [Distance] = [
    Distance(sigma: 0.25, steps: 255, largest: 766, exact: 2.673049306401519e-33),
    Distance(sigma: 0.0078125, steps: 255, largest: 24, exact: 9.2799554721767938e-35),
    Distance(sigma: 0.001, steps: 255, largest: 4, exact: 1.5386114733201387e-67),
]
