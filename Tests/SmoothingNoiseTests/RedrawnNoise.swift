// Written by Vectors/redraw.py: noisy copies of pixel(c) = 7 c mod 256, redrawn by an
// independent implementation of the specification.
// swift-format-ignore-file

let redrawnKey = "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0"

let redrawn: [Redrawn] = [
    // 8-bit pixels
    Redrawn(sigma: 0.25, steps: 255, input: 7, phase: 1, sample: 0, d: 784, tiesKept: 0, tiesPassed: 0, bits: """
        be048485 be8e8e8f be20a0a1 3e989899 3ee0e0e1 be109091 3e6ceced 3d008081 3c40c0c1 3e38b8b9
        3e20a0a1 3ebcbcbd 3e40c0c1 3ea4a4a5 3ecacacb 3ee8e8e9 3f808081 3e989899 3f008081 3f008081
        3f20a0a1 3f078788 3eeeeeef 3ea8a8a9 3f5bdbdc 3f38b8b9 3eeeeeef 3f2dadae 3f850505 3f901010
        3f36b6b7 3f28a8a9 3f60e0e1 3efcfcfd 3fb4b4b5 3f68e8e9 3f961616 3d909091 beb6b6b7 3e7cfcfd
        3e8a8a8b 3e58d8d9 3d40c0c1 3e828283 3ea8a8a9 3f088889 3ef2f2f3 bd008081 0 3de0e0e1 bc808081
        3ea6a6a7 3f6ceced 3f5bdbdc 3ed4d4d5 3f838384 3ef6f6f7 3f65e5e6 3f038384 3f008081 3f0e8e8f
        3eececed 3f75f5f6 3f33b3b4 3f0f8f90 3f828283 3f53d3d4 3f62e2e3 3f0a8a8b 3f3ebebf 3faaaaab
        3ea2a2a3 3ec0c0c1 3f6aeaeb 3e848485 beaaaaab 3f1e9e9f bc808081 3e74f4f5 bd30b0b1 3f2eaeaf
        3ecececf 0 3ed4d4d5 3e50d0d1 3e54d4d5 3e20a0a1 3f23a3a4 3f2cacad 3ee2e2e3 3e189899 3e5cdcdd
        3dd0d0d1 3f1c9c9d 3eb2b2b3 3f189899 3f179798 3f1a9a9b 3f860606 3f54d4d5 3f5cdcdd 3f50d0d1
        3fa3a3a4 3f2fafb0 3efafafb 3f0d8d8e 3f49c9ca 3f0e8e8f 3f038384 3fa22222 bee0e0e1 3f129293
        bde0e0e1 be5cdcdd bd50d0d1 3e808081 3ef6f6f7 3e44c4c5 3ec8c8c9 3de8e8e9 3e78f8f9 3ec8c8c9
        3f29a9aa 3f22a2a3 3f008081 3ea8a8a9 3e008081 3eaeaeaf 3efcfcfd 3f4acacb 3f24a4a5 3ee0e0e1
        3f2fafb0 3f23a3a4 3f38b8b9 3f25a5a6 3ef0f0f1 3f0a8a8b 3f6eeeef 3f800000 3faaaaab 3f44c4c5
        3f888889 3f2babac 3f921212 3f820202 3f5bdbdc bdb8b8b9 be8a8a8b 3e64e4e5 3f139394 3e54d4d5
        be5cdcdd 3e74f4f5 3e808081 3f0b8b8c 3ef4f4f5 3e20a0a1 3eb4b4b5 3e848485 3ecececf 3f0a8a8b
        3e008081 be50d0d1 3e9a9a9b 3f30b0b1 3f76f6f7 3ea2a2a3 3f46c6c7 3f75f5f6 3f71f1f2 3f2cacad
        3f25a5a6 3f28a8a9 3eb2b2b3 3f62e2e3 3f088889 3f26a6a7 3f35b5b6 3f4fcfd0 3f37b7b8 3f959596
        3f89898a 3e828283 bea2a2a3 3ee8e8e9 3e929293 3e20a0a1 be28a8a9 3dc0c0c1 3d109091 3eb0b0b1
        3ca0a0a1 3edededf 3f119192 3f73f3f4 3f27a7a8 3f35b5b6 3f1c9c9d 3f0e8e8f 3e949495 3f22a2a3
        3f47c7c8 3ea4a4a5 3e78f8f9 3f41c1c2 3f838384 3f850505 3f2fafb0 3f981818 3e68e8e9 3f860606
        3f0f8f90 3e50d0d1 3f8d0d0d 3f33b3b4 3f9d9d9e 3f7efeff 3f60e0e1 3f8b8b8c 3cc0c0c1 3eb6b6b7
        bd70f0f1 bce0e0e1 3eb2b2b3 be3cbcbd 3e048485 3eaaaaab bf038384 3e929293 3de0e0e1 3f139394
        3e40c0c1 3e8c8c8d 3e4ccccd 3e58d8d9 3e888889 3ef4f4f5 3f129293 3ec4c4c5 3f4ccccd 3f828283
        3ebcbcbd 3f038384 3f51d1d2 3f22a2a3 3eaeaeaf 3f8f8f90 3f1b9b9c 3eb6b6b7 3f0a8a8b 3f52d2d3
        3f919192 3f981818 3f75f5f6 3f838384 3efafafb bde8e8e9 be929293 be149495 3e30b0b1 be58d8d9
        be6ceced 3f028283 3eb8b8b9 3ee8e8e9 3eaaaaab 3d989899 3e008081 3e68e8e9 3c40c0c1 3f4bcbcc
        3f139394 3f1f9fa0 3f47c7c8 3f169697 3ee4e4e5 3f1b9b9c 3f19999a 3f63e3e4 3ec6c6c7 3f189899
        3f37b7b8 3f59d9da 3f7afafb 3f868687 3f42c2c3 3f64e4e5 3f3bbbbc 3f7efeff 3f800000 3f4ccccd
        3f971717 bdf8f8f9 3e28a8a9 3ed2d2d3 3e048485 bdf0f0f1 3d109091 3ebcbcbd 3ef8f8f9 3df0f0f1
        3ed6d6d7 3d30b0b1 3e808081 3f28a8a9 3f32b2b3 3f1f9fa0 3edadadb 3f139394 3e8c8c8d 3efafafb
        3eececed 3ebcbcbd 3f32b2b3 3d60e0e1 3f4ececf 3f3dbdbe 3f0f8f90 3e4ccccd 3f57d7d8 3f69e9ea
        3ee4e4e5 3f19999a 3f54d4d5 3f1b9b9c 3f5dddde 3f800000 3f8d8d8e 3f8b0b0b 3c40c0c1 3e149495
        be70f0f1 be868687 bef8f8f9 0 3db8b8b9 3b808081 3f018182 3ecacacb 3ee8e8e9 3ec4c4c5 3d50d0d1
        3ef6f6f7 3eaaaaab 3f20a0a1 3f20a0a1 3f25a5a6 3c808081 3f4fcfd0 3edadadb 3f89898a 3f179798
        3eeeeeef 3f149495 3f3ebebf 3f75f5f6 3f32b2b3 3f74f4f5 3f57d7d8 3f9a9a9b 3f77f7f8 3f0f8f90
        3f9b9b9c 3ef6f6f7 3f911111 be40c0c1 bed8d8d9 3e9e9e9f 3e989899 3edadadb 3eb2b2b3 3d808081
        bd109091 bdc0c0c1 3efefeff 3e24a4a5 3ebebebf 3e30b0b1 3f20a0a1 3f129293 3ee0e0e1 3ef6f6f7
        3f129293 3ec2c2c3 3ecccccd 3e8a8a8b 3ed0d0d1 3f26a6a7 3f810101 3f159596 3ea4a4a5 3f6eeeef
        3f880808 3f21a1a2 3fad2d2d 3f61e1e2 3ef2f2f3 3f3fbfc0 3f23a3a4 3f2babac 3f2babac 3f77f7f8
        bed2d2d3 3e4ccccd 3d40c0c1 3e30b0b1 3e3cbcbd 3db8b8b9 3e6ceced be38b8b9 3e34b4b5 3e868687
        3e38b8b9 3e808081 3ef4f4f5 3ee4e4e5 3e4ccccd bd888889 3f109091 3f9c9c9d 3ed4d4d5 3f2babac
        3f0b8b8c 3f929293 3f2fafb0 3f53d3d4 3f58d8d9 3f76f6f7 3ef6f6f7 3f038384 3f66e6e7 3f37b7b8
        3f8c8c8d 3fb5b5b6 3fa22222 3f57d7d8 3f63e3e4 3f58d8d9 3d30b0b1 bdb0b0b1 3ee4e4e5 3e0c8c8d
        be30b0b1 3e9e9e9f 3f27a7a8 3f018182 3dd0d0d1 3ea6a6a7 3e808081 3f19999a 3d888889 3ea8a8a9
        3e929293 3ee6e6e7 3edededf 3ee2e2e3 3e64e4e5 3f41c1c2 3f1f9fa0 3f20a0a1 3f36b6b7 3ebababb
        3f71f1f2 3f44c4c5 3f71f1f2 3ef4f4f5 3f4ececf 3f929293 3f8b0b0b 3f8b8b8c 3f068687 3f64e4e5
        3fa5a5a6 3f858586 3fcfcfd0 3ea8a8a9 3e24a4a5 3ebcbcbd 3e78f8f9 3f3ababb 3f35b5b6 3ebcbcbd
        3e828283 3e64e4e5 3dc8c8c9 3db0b0b1 3f139394 3f0b8b8c 3f39b9ba 3e40c0c1 3efcfcfd 3f66e6e7
        3ea4a4a5 3eaaaaab 3edadadb 3f189899 3e109091 3f038384 3edededf 3f71f1f2 3f69e9ea bd109091
        3f47c7c8 3f0d8d8e 3f71f1f2 3f32b2b3 3f75f5f6 3f9c1c1c 3f810101 3f56d6d7 3f7afafb 3dc8c8c9
        3d989899 bdc8c8c9 3e24a4a5 3f189899 3eb6b6b7 3e189899 3d888889 3f27a7a8 bd60e0e1 3f55d5d6
        3e70f0f1 3de0e0e1 3e929293 3f058586 3f5dddde 3f078788 3ebcbcbd 3eb2b2b3 3f26a6a7 3f45c5c6
        3f4ccccd 3f5cdcdd 3f27a7a8 3f7dfdfe 3f33b3b4 3f1c9c9d 3f1f9fa0 3f3cbcbd 3f169697 3f5ededf
        3f19999a 3f9f1f1f 3f0c8c8d 3f9b1b1b 3f820202 3f67e7e8 bd30b0b1 3efefeff 3de8e8e9 bf26a6a7
        bef4f4f5 be7cfcfd 3de8e8e9 bda0a0a1 bdc0c0c1 3e38b8b9 3de0e0e1 3f5bdbdc 3dd0d0d1 3f21a1a2
        3f29a9aa 3efafafb 3e7cfcfd 3ef6f6f7 3f22a2a3 3f39b9ba 3f5dddde 3e9e9e9f 3eb6b6b7 3f2eaeaf
        3f929293 3f74f4f5 3f21a1a2 3f971717 3f68e8e9 3f860606 3f54d4d5 3fa5a5a6 3f48c8c9 3f8c0c0c
        3f6bebec 3f20a0a1 3f6bebec be088889 3db8b8b9 3e989899 3e28a8a9 3e0c8c8d bd40c0c1 3d30b0b1
        3e929293 3eeeeeef 3f088889 3e34b4b5 3f37b7b8 3ee8e8e9 3e54d4d5 3f4ccccd 3f818182 3eeeeeef
        3f3fbfc0 3f56d6d7 3f41c1c2 3e78f8f9 3ec6c6c7 3f59d9da 3f0c8c8d 3f59d9da 3f34b4b5 3f36b6b7
        3f1f9fa0 3f981818 3f45c5c6 3f6bebec 3f7efeff 3f159596 3f79f9fa 3ef6f6f7 3f77f7f8 bea2a2a3
        3e008081 be008081 3e3cbcbd 3e8e8e8f be189899 bd40c0c1 3d109091 be64e4e5 3e1c9c9d 3f1d9d9e
        3ef6f6f7 3dc8c8c9 bdf0f0f1 3ed0d0d1 3e38b8b9 3f3dbdbe 3f5fdfe0 3f048485 3ebebebf 3f4ececf
        3ed6d6d7 3f30b0b1 3e34b4b5 3f058586 3f8d0d0d 3f69e9ea 3f37b7b8 3f70f0f1 3f64e4e5 3f58d8d9
        3eacacad 3ed4d4d5 3ef2f2f3 3f27a7a8 3f3ebebf 3f981818 be989899 3e54d4d5 3f159596 3e4ccccd
        3d20a0a1 3e149495 bd60e0e1 3e5cdcdd 3ce0e0e1 3db8b8b9 3e048485 3ec2c2c3 3e149495 3eeaeaeb
        3df8f8f9 3f008081 3f27a7a8 3f19999a 3f2eaeaf 3f34b4b5 3e8e8e8f 3f7dfdfe 3f868687 3f139394
        3f53d3d4 3edededf 3f4ececf 3f838384 3f7afafb 3f159596 3f9a9a9b 3f5adadb 3f7efeff 3f39b9ba
        3f2fafb0 3f69e9ea be848485 3e848485 3e7cfcfd bdc0c0c1 bf048485 bdc8c8c9 3ec0c0c1 3e909091
        3f54d4d5 bda8a8a9 3e20a0a1 3e149495 3e4ccccd 3e38b8b9 3f1d9d9e bd909091 3f32b2b3 3ec6c6c7
        3ed0d0d1 3f70f0f1 3f860606 3eeeeeef 3f29a9aa 3f901010 3efcfcfd 3f40c0c1 3f890909 3f4bcbcc
        3e989899 3f109091 3f48c8c9 3f1f9fa0 3f4ccccd 3f35b5b6 3f870707 3f9e9e9f 3f2dadae bcc0c0c1
        3cc0c0c1 bb808081 3e949495 3dc0c0c1 3eb4b4b5 bdc0c0c1 3e48c8c9 3e40c0c1 3e989899 3db0b0b1
        3e929293 3e149495 3f42c2c3 bd989899 3ed8d8d9 3eaeaeaf 3d50d0d1 3f048485 3f3dbdbe 3f858586
        3e949495 3f09898a 3f0d8d8e 3ebcbcbd 3ed6d6d7 3f008081 3f44c4c5 3e24a4a5 3f09898a 3f858586
        3f8f8f90 3f73f3f4 3f0e8e8f 3f189899 3fa2a2a3 bdd8d8d9 3cc0c0c1 be44c4c5 be8c8c8d 3e969697
        bda8a8a9 be40c0c1 3df8f8f9 3ed4d4d5 3ed2d2d3 3f39b9ba 3f028283 3de8e8e9 3ea8a8a9 3e7cfcfd
        3f20a0a1
        """),
    // a last block used in part, large indices
    Redrawn(sigma: 0.25, steps: 255, input: 4294967295, phase: 0, sample: 1, d: 19, tiesKept: 0, tiesPassed: 0, bits: """
        3e088889 be64e4e5 bec8c8c9 beb2b2b3 3e189899 bc808081 bd30b0b1 3e7cfcfd 3ecacacb 3f1e9e9f
        3f42c2c3 3f23a3a4 3f818182 bd888889 3eb0b0b1 3ecccccd 3d70f0f1 3efefeff 3f109091
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 4294967295, phase: 0, sample: 4294967301, d: 19, tiesKept: 0, tiesPassed: 0, bits: """
        3d989899 3ca0a0a1 bde0e0e1 be109091 bde8e8e9 3edadadb be048485 3e2cacad be949495 3e7cfcfd
        3ebebebf 3f1a9a9b 3e48c8c9 3f5ededf 3e3cbcbd 3f34b4b5 3f830303 3f068687 3f0a8a8b
        """),
    Redrawn(sigma: 0.25, steps: 255, input: 4294967295, phase: 0, sample: 72057594037927935, d: 19, tiesKept: 0, tiesPassed: 0, bits: """
        bd50d0d1 3e2cacad 3da8a8a9 be109091 3de0e0e1 3c40c0c1 bd50d0d1 3d30b0b1 3ea2a2a3 3e909091
        bedcdcdd 3f189899 3e60e0e1 3e929293 3e48c8c9 3d808081 3ee0e0e1 3f068687 3f76f6f7
        """),
    // 393,218 magnitudes, draws that tie
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 141, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        3c9b0000 bf449700 3f0b1a00 3ea64800 3e6b6c00 be954c00 becd2800 be686400 3f452b00 3f0c4900
        3f152f00 be2e1000 3bcd0000 bf0c6f00 bd09b000 3ea29c00 3f533600 3ee6b200 3d5f7000 bdebb000
        3f585d00 3d76a000 3d5ca000 bf186200 bf299c00 bde2b000 3e85c800 becf4000 be0d8400 3e8fac00
        3e2d6000 3e59c800 3f09d900 be6ffc00 3ddd2000 be2fe400 bf48a200 3ecc1a00 3e084400 3f43c800
        3f227d00 3ed56c00 3f34c600 3ef09200 be9aa600 3d9f5000 3dea0800 3e511800 bef96e00 be13fc00
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 154, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        3e967800 3f09e000 3eba2400 bf1f9500 3f66aa00 be321c00 bec95000 3da4b000 3f085600 bea5ca00
        3f436c00 beeb6400 bf430c00 3eb78200 3cfa6000 3e867200 bddec800 3eabc800 bd970000 3e0b9000
        3e125800 bf64ee00 3e9ec200 bf2f1c00 3e749c00 bdc02000 3e876200 be36b800 3eb11800 3de27000
        3f4f6a00 3ec81c00 be90c000 3ed36400 3ddee800 bdd2a000 3f35b600 bf3c6700 3e460800 3f541b00
        3f01cd00 bcddc000 bc424000 3f07ab00 bf282800 3e808200 3e90dc00 3f085e00 bcd9a000 be099400
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 321, d: 50, tiesKept: 0, tiesPassed: 1, bits: """
        3ee0a000 bed45600 3d7ca000 bec67e00 bf2cd500 3e181c00 3e0d5c00 be979200 3f0f0400 bf66d300
        3f278400 3e584400 beb15800 bd233000 bf63ae00 3f8b6a80 beb63800 3f1d0a00 3e1c5800 3dda9000
        be838e00 bd931800 bda3a000 beda4400 bf015900 bdc8a000 3ef83e00 bf170700 bef54400 bf5cb400
        bf8ae300 bf18b500 bcddc000 be8c5e00 bf465c00 bd37d000 bf45e500 3bb30000 3ea55200 3e0a6c00
        bfc50980 bf47b100 bf498d00 bec4dc00 bdb75000 3f06c300 bf326600 bf4eb800 3e515000 bef16e00
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 385, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        bdb03800 be5a3c00 3f63f300 3eae2800 bec7d400 3ca90000 3ea27a00 be574c00 bd85f800 3f174a00
        be6ef400 bf758200 bf5e5a00 bf3b7b00 3e1f5000 3e28dc00 3f463a00 be141400 bf381400 bdc50000
        be8c8200 bf91ec80 3fa58680 bcf36000 3f6a6d00 bf48f600 3daf0800 3ef5d200 3e20b000 be164c00
        bdc50800 be3dd000 be9c7000 3ec9f200 3e940200 bf2faf00 3e9d4000 3f975480 3f950500 bd093000
        bd924800 3e706c00 be9b8800 3edc9000 be869400 3f069f00 3ea43c00 3ff24400 bef37c00 bf159500
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 907, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        3f02c900 3e82a400 3f00d900 be871600 bd13f000 3e50a800 3e82c800 3f2cbb00 bff45400 3f35a300
        bed88200 bf712b00 3e589000 bed84200 be3e2800 be1fd800 bf04c500 3e344400 bdbe6000 3e46c400
        3f110d00 3ea97200 bed9d200 3c644000 be442000 3d937000 bec04e00 bedc7200 bed2d400 3f74f400
        be826600 3c8d4000 bcd26000 3e77dc00 beca9c00 be886400 beedfe00 3f9bd780 bdafb800 bf398200
        befeae00 3de2d000 3e184c00 bf9b7900 3e4ad400 3f144600 3d907800 bd289000 3eadb600 beef9200
        """),
    Redrawn(sigma: 0.5, steps: 65536, input: 12, phase: 1, sample: 1501, d: 50, tiesKept: 1, tiesPassed: 0, bits: """
        3e101400 3e00a000 be949a00 bca52000 3d657000 3f8cf880 beed6a00 3f201f00 bf0ca900 bec02a00
        3ead1400 bf017300 3f132000 3ee25600 bea8be00 3f56d400 bedd0600 bdc7c000 befbb800 3dec8000
        bf109600 bd9c1800 be2a8800 be97b200 bd826800 bf019800 bea80e00 3ed3f600 3f623800 becf7e00
        3fbbf600 bf0e7500 bf1ad900 3e507800 3e67dc00 3d9a2000 3c440000 3f5a6300 3eff1000 3e402000
        3d8b1800 bf1e8100 3ee54400 bd0f7000 beb1c000 3f56f200 3f029800 3e747800 3dfa5800 bd4a6000
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
